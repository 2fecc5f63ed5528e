"""stub"""

from flask import Blueprint

blueprint = Blueprint("control", __name__)
