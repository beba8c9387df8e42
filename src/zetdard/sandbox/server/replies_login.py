"""Answers about logging in: QR codes, the account, visitors."""

from __future__ import annotations

import hashlib
from typing import Any

from zetdard.sandbox.server.service import Asked, Service

Reply = dict[str, Any]
EXPIRED, WAITING, SCANNED, DONE = 800, 801, 802, 803
_MOST_KEYS = 1000
_TWO_WEEKS = 1_209_600


def qr_key(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/login/qrcode/unikey``."""
    del asked
    service.keys_given += 1
    key = hashlib.md5(f"{service.keys_given} {service.token(0)}".encode(), usedforsecurity=False).hexdigest()
    service.polls[key] = 0
    if len(service.polls) > _MOST_KEYS:
        del service.polls[next(iter(service.polls))]
    return {"code": 200, "unikey": key}


def qr_check(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/login/qrcode/client/login``: waiting, scanned, done, and expired from then on."""
    key = asked["key"]
    if key not in service.polls:
        return {"code": EXPIRED, "message": "二维码不存在或已过期"}
    service.polls[key] += 1
    listener = service.listener
    match service.polls[key]:
        case 1:
            return {"code": WAITING, "message": "等待扫码"}
        case 2:
            nickname = service.world.people_labels.nicknames[listener]
            picture = service.catalogue.image("user", listener)
            return {"code": SCANNED, "message": "授权中", "nickname": nickname, "avatarUrl": picture}
        case _:
            del service.polls[key]
            token = service.token(listener)
            csrf = hashlib.md5(token.encode(), usedforsecurity=False).hexdigest()
            asked.cookies.append(f"MUSIC_U={token}; Max-Age={_TWO_WEEKS}; Path=/; HTTPOnly")
            asked.cookies.append(f"__csrf={csrf}; Max-Age={_TWO_WEEKS}; Path=/")
            return {"code": DONE, "message": "授权登陆成功"}


def account(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/w/nuser/account/get``; nothing for those who are not logged in."""
    if asked.login is None:
        return {"code": 200, "account": None, "profile": None}
    profile = service.catalogue.user(asked.login)
    joined = service.catalogue.joined(asked.login)
    return {
        "code": 200,
        "account": {
            "id": profile["userId"],
            "userName": f"sandbox_{profile['userId']}",
            "type": 0,
            "status": 0,
            "whitelistAuthority": 0,
            "createTime": joined,
            "tokenVersion": 0,
            "ban": 0,
            "baoyueVersion": 0,
            "donateVersion": 0,
            "vipType": 0,
            "anonimousUser": False,
            "paidFee": False,
        },
        "profile": profile | {"createTime": joined},
    }


def visitor(service: Service, asked: Asked) -> Reply:
    """Answer ``/api/register/anonimous``, which the Node server asks when it starts."""
    name = hashlib.sha256(asked["username"].encode()).hexdigest()
    asked.cookies.append(f"MUSIC_A={name}; Max-Age={_TWO_WEEKS}; Path=/; HTTPOnly")
    return {"code": 200, "userId": service.VISITOR, "createTime": 0}
