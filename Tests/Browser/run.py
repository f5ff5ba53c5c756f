"""Drives the real pages of a real `tandem demo` in Chromium. Screenshots are kept in artefacts/browser.

    Tests/Browser/run.py [name of a test, as unittest takes it]
"""

import pathlib
import sys
import unittest

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here))

if __name__ == "__main__":
    names = sys.argv[1:]
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(names) if names else loader.discover(str(here), pattern="test_*.py")
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() else 1)
