"""The vocabulary of the features, one module per noun; a module that ends in ``_steps`` is found by itself."""

import pkgutil

STEP_MODULES = [
    f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__) if module.name.endswith("_steps")
]
