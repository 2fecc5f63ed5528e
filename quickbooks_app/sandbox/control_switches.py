"""stub"""

from flask import Blueprint

blueprint = Blueprint("control_switches", __name__)
