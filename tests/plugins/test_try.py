def test_x(project, pytester):
    project.feature("""
    @postgres @RTO-DX @wat
    Feature: A lost database comes back

      Scenario: x happens
      because of y.

      Background:
        Given a shop database

      Rule: A
        Scenarioo: nope
        Scenario: One thing
          When it is dropped and restored
          Then nothing is losst
          Then a shop database
          Then nothing is lost
            | a | b |
        Scenario: Empty
      Rule: B
        Scenario: One thing
          given a shop database
          Then nothing is lost
        Scenario Outline: <a> is <b>
          Then it holds <c> orders
          Examples:
            | a | d |
            | 1 | 2 |
            | 1 | 2 |
          Examples:
    """)
    r = pytester.runpytest_inprocess("features")
    print(r.stdout.str())
    assert 0
