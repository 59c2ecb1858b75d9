"""What a reader in a package of its own is made of (docs/plugins.md): a reader imports nothing else of stepwindow.

A module of the kit is a name here: `from stepwindow.kit import Export, csv`, then `csv.header(export)`. What it is for,
its docstring says.
"""

from connectors.kit import csv as csv
from connectors.kit import dates as dates
from connectors.kit import families as families
from connectors.kit import fit as fit
from connectors.kit import grid as grid
from connectors.kit import header as header
from connectors.kit import json as json
from connectors.kit import local_numbers as local_numbers
from connectors.kit import many as many
from connectors.kit import offsets as offsets
from connectors.kit import rows as rows
from connectors.kit import signs as signs
from connectors.kit import sqlite as sqlite
from connectors.kit import stack as stack
from connectors.kit import stacked as stacked
from connectors.kit import words as words
from connectors.kit import xml as xml
from connectors.kit.context import Context as Context
from connectors.kit.export import Export as Export
from connectors.kit.metrics import SPORT as SPORT
from connectors.kit.metrics import by_method as by_method
from connectors.kit.sessions import Sessions as Sessions
from models import activity as activity
from models import clock as clock
from models import set_aside as set_aside
from models import taxonomy as taxonomy
from models.activity import Extract as Extract
from models.activity import Extracts as Extracts
from models.fault import Fault as Fault
from models.fault import Impossible as Impossible
from models.fault import Rejected as Rejected
