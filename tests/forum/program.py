"""Runs FlaskBB's own command line: `program.py --config FILE --instance FOLDER COMMAND…`.

FlaskBB 2.0.2 was written when Python still kept the abstract classes of collections in `collections`
itself; they moved to `collections.abc` for good in 3.10. They are put back before it is imported, and
nothing else is changed.
"""

import collections
import collections.abc
import os
import sys

for name in collections.abc.__all__:
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))

# It calls `pybabel` by its bare name.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")

from flaskbb.cli import flaskbb  # noqa: E402

flaskbb()
