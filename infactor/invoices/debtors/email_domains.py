"""Domains of public email providers, which say nothing about the company of a mailbox."""

import re

_ADDRESS = re.compile(r"[^@\s,;<>]+@([^@\s,;<>]+\.[^@\s,;<>]+)")

_PUBLIC = """
    aim.com aol.com att.net bellsouth.net bigpond.com btinternet.com charter.net comcast.net cox.net duck.com
    earthlink.net fastmail.com free.fr freenet.de frontier.com gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
    googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr hotmail.it hushmail.com icloud.com
    juno.com laposte.net libero.it live.co.uk live.com live.nl mac.com mail.com mail.ru me.com msn.com
    naver.com netzero.net optonline.net optusnet.com.au orange.fr outlook.com outlook.de outlook.fr pm.me
    proton.me protonmail.com qq.com rediffmail.com roadrunner.com rocketmail.com rogers.com sbcglobal.net sfr.fr
    shaw.ca sky.com suddenlink.net sympatico.ca t-online.de telus.net tuta.com tutanota.com verizon.net
    videotron.ca virginmedia.com wanadoo.fr web.de windstream.net xtra.co.nz yahoo.ca yahoo.co.in yahoo.co.jp
    yahoo.co.uk yahoo.com yahoo.com.au yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru ymail.com
    zoho.com 126.com 163.com
"""
PUBLIC_DOMAINS = frozenset(_PUBLIC.split())


def company_domains(text: str) -> list[str]:
    """The domains of the addresses in `text`, in order, without those of public email providers."""
    domains = (found.casefold().rstrip(".") for found in _ADDRESS.findall(text))
    return list(dict.fromkeys(domain for domain in domains if domain not in PUBLIC_DOMAINS))
