"""The Allure page of a run: one HTML file, made by the Allure 3 command line, which this directory pins."""
