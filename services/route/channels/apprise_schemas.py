"""Which services may be reached through Apprise? Those that are spoken to over HTTP alone.

What is allowed, not what is refused: whatever a newer Apprise brings that runs programs, writes
files or opens sockets of its own (dbus, syslog, windows, irc, mqtt) stays out until somebody looks.
"""

_CHATS = """
bark barks dingtalk discord feishu flock gchat guilded lark line matrix matrixs nctalk nctalks
revolt rocket rockets ryver signal signals synology synologys threema twist viber webex wecombot
whatsapp workflow workflows wxteams zoom zulip
"""

_ON_CALL = """
betterstack firehydrant goalert goalerts ilert incidentio opsgenie pagertree signl4 spike splunk
squadcast victorops xmatters
"""

_PHONES = """
46elks atalk bulksms clicksend d7sms gotify gotifys httpsms infobip join kavenegar msg91 msgbird
nexmo ntfy ntfys octopush onesignal pbul plivo pover prowl pushdeer schan seven sinch smsc smseagle
smseagles telnyx twilio vonage
"""

_MAIL_AND_MORE = """
brevo mailersend mailgun postmark resend sendgrid smtp2go sparkpost
apprise apprises form forms hassio hassios ifttt json jsons notifico sns xml xmls
"""

SCHEMAS = frozenset(f"{_CHATS}{_ON_CALL}{_PHONES}{_MAIL_AND_MORE}".split())
