"""Runs tap-quickbooks unchanged, pointed at the address in SANDBOX by the constants that its module has for that."""

import os
import sys

from tap_quickbooks import client, main

base = os.environ["SANDBOX"]
client.PROD_ENDPOINT_BASE = client.SANDBOX_ENDPOINT_BASE = base
client.TOKEN_REFRESH_URL = f"{base}/oauth2/v1/tokens/bearer"

sys.exit(main())
