"""A made-up key, and the texts in which people get and keep one."""

from __future__ import annotations

import json

KEY_ID = "AKIAQQQQQQQQQQQQ0002"
SECRET = "madeUp/by+the/test/abcdefghijklmnopqrst0"
TOKEN = "IQoJb3JpZ2luX2VjMadeUpByTheTest/+abcdefghijklmnop=="

CONSOLE = f"\ufeffAccess key ID,Secret access key\r\n{KEY_ID},{SECRET}\r\n"
OLD_CONSOLE = (
    "User name,Password,Access key ID,Secret access key,Console login link\n"
    f"anna,,{KEY_ID},{SECRET},https://111111111111.signin.aws.amazon.com/console\n"
)
TWO_USERS = f"User Name,Access Key Id,Secret Access Key\nanna,{KEY_ID},{SECRET}\n\nbert,AKIAQQQQQQQQQQQQ0003,x\n"
IAM = json.dumps(
    {
        "AccessKey": {
            "UserName": "anna",
            "AccessKeyId": KEY_ID,
            "Status": "Active",
            "SecretAccessKey": SECRET,
            "CreateDate": "2026-11-27T10:00:00+00:00",
        }
    },
    indent=4,
)
VAULT = json.dumps(
    {
        "request_id": "made-up",
        "lease_duration": 2764800,
        "data": {"access_key": KEY_ID, "secret_key": SECRET, "security_token": None},
        "warnings": None,
    },
    indent=2,
)
KV = json.dumps({"data": {"data": {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}, "metadata": {}}})
STS = json.dumps(
    {"Credentials": {"AccessKeyId": "ASIAQQQQQQQQQQQQ0002", "SecretAccessKey": SECRET, "SessionToken": TOKEN}}
)
SHARED = f"[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n"
ENV = f"AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
EXPORTS = f"# new\nexport AWS_ACCESS_KEY_ID={KEY_ID}\nexport AWS_SECRET_ACCESS_KEY='{SECRET}'\n"
