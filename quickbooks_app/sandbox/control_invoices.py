"""stub"""

from flask import Blueprint

blueprint = Blueprint("control_invoices", __name__)
