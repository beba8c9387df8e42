"""The server's own unwrapping, against vectors that the real JavaScript made, and against damaged requests."""

from __future__ import annotations

import gzip
import json
import urllib.parse
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from sandbox.asking import EAPI_KEY, compact, eapi_form, ecb, linux_form, unsealed, weapi_form
from zetdard.sandbox.server.wire import (
    PrivateKey,
    WireError,
    open_eapi,
    open_linuxapi,
    open_plain,
    open_weapi,
    read_form,
    seal,
)

# Made by util/crypto.js of NeteaseCloudMusicApi 4.32.0 with a throw-away key pair.
KNOWN_P = int(
    "f3a5ecb420287f42892df9fe435c2b22ecad11c953b9c7c477ecdfdb3c1ba35b"
    "70d1879e004efd1f23721d5608c3828d0adc2af71a901d53bf27fb1b929bd9cf",
    16,
)
KNOWN_Q = int(
    "e113657cd569da155aa0ae70898e02e7ba63e6539ad80433784eaaca4793a47d"
    "f341dfa9fcb63b48da793fa2cce54cdb21b275721f4f045ef30c9b7f6cff8337",
    16,
)
KNOWN_WEAPI = {
    "params": b"cYKWaawir1LOfHMY2q2lV+SZu2qUFcUsevWxUwfxt0x8JUs5Gu6OOCDdC09YjCMTtvIwusTKmMZBvUwkMMGiF5LbwgBbDv9SFvOE6y4"
    b"KRrE=",
    "encSecKey": b"89a50d4ac9809d80d596b6b2d764f9153155e15f8acd92fb8641cbe2bad47c5afa55a11bbcd2e580e9b82ab72f651e51"
    b"d4fd18032fb097323eea26ffd21c7108f02767ccb0a4c8d657a890646f78cb3d8150c1874a2a422fc62bdd528238557478e4d96f8a7ca3d9d0"
    b"2f26807899facc508dc91e35fa2917fa68825cb840c27a",
}
KNOWN_EAPI = [
    (
        "/api/cloudsearch/pc",
        {"s": "海阔天空", "type": "1002", "limit": 30, "offset": 0, "total": True, "e_r": False},
        "2B5D64177AA6460FBAA3DCB1285E28954BBB4F7556E09B0FB25750F12398BB50327BB1B330EEC8D8681261926D2FE69C57C66E3200DE1DD9"
        "CAF3B863563A6B73E8DE059CB02F1EAA523579A29D400522B9ACD36A75E564A9E5A731BA2A66FE627CAA7734FB6D67EEE8574EF64EA5A9E7"
        "F2D193155953DECA022F7F82149538B732A80403A27AD5C4EB96E6FE7F5783A841C7BAFC3B561CCAFBCACDE198306D39",
    ),
    (
        "/api/v6/playlist/detail",
        {"id": "19723756", "n": 100000, "s": 8},
        "9E44C61C7604F33F328DE9633B8B0E69E14D621EB896C63E8E0FBC1DFA867E56F8934DC444BA68C3EBB4C3F97E11938D4DE640A008489714"
        "ECAD499A051AC45210E5DFA8EA47A9E21FE028ACD44709B9FC0316279F89AB258AC974C8932CC2828443F4A0428FB3179EFC73C2DC312134"
        "D62123D7ED8EF174238EE431CF2B9798",
    ),
]
KNOWN_LINUX = (
    "A0D9583F4C5FF68DE851D2893A49DE98FAFB24399F27B4F7E74C64B6FC49A965CFA972FA5EA3D6247CD6247C8198CB876BA9315A2F4B205B"
    "4E87A713A33C1C5D9BC256C070EE9DE08DC9442C95CF468A88E7EFB0A098204D079B8DEF3A5CEDE4544F17B466273690A9A5D662A017ADB7"
)
KNOWN_SEALED = {
    '{"code":200,"result":{"n":1}}': "17A43755418DB77559F13B72944EB1AA3F0A63964FF8B7D9ED78E7DC52E65F41",
    '{"code":301,"msg":"需要登录"}': "C529D4549EE481FDB24C00EF7531A465BA6BE84ECC6A6D847819810673BC17E8"
    "DC3AA67A6D7B7EEA3876F4A8923B6E9A",
}
OUR_KEY = PrivateKey()
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=6,
)
objects = st.dictionaries(st.text(st.characters(codec="utf-8")), json_values, max_size=5)


def as_bytes(form: dict[str, str]) -> dict[str, bytes]:
    return {name: value.encode() for name, value in form.items()}


def test_weapi_vector() -> None:
    key = PrivateKey(KNOWN_P, KNOWN_Q)
    assert open_weapi(KNOWN_WEAPI, key) == {"s": "海阔天空", "type": 1002}
    assert key.secret(KNOWN_WEAPI["encSecKey"]) == b"a8LWv2uAtXjzSfkQ"


@pytest.mark.parametrize(("path", "fields", "params"), KNOWN_EAPI)
def test_eapi_vectors(path: str, fields: dict[str, Any], params: str) -> None:
    assert open_eapi({"params": params.encode()}, path) == fields
    with pytest.raises(WireError, match="the address says /api/other"):
        open_eapi({"params": params.encode()}, "/api/other")


def test_linuxapi_vector() -> None:
    path, fields = open_linuxapi({"eparams": KNOWN_LINUX.encode()})
    assert path == "/api/song/lyric"
    assert fields == {"id": "186016", "lv": -1, "tv": -1}


@pytest.mark.parametrize("text", KNOWN_SEALED)
def test_sealed_reply_vectors(text: str) -> None:
    assert seal(text.encode()).hex().upper() == KNOWN_SEALED[text]
    assert gzip.decompress(unsealed(seal(text.encode(), zipped=True))) == text.encode()


@given(objects, st.from_regex(r"[0-9A-Za-z]{16}", fullmatch=True))
def test_what_is_wrapped_is_unwrapped(fields: dict[str, Any], secret: str) -> None:
    text = compact(fields)
    assert open_weapi(as_bytes(weapi_form(text, OUR_KEY.modulus, secret)), OUR_KEY) == fields
    assert open_eapi(as_bytes(eapi_form("/api/x", text)), "/api/x") == fields
    form = as_bytes(linux_form("https://music.example/api/x", fields))
    assert open_linuxapi(form) == ("/api/x", fields)
    body = urllib.parse.urlencode(weapi_form(text, OUR_KEY.modulus)).encode()
    assert open_weapi(read_form(body), OUR_KEY) == fields


@given(st.binary(max_size=200))
def test_junk_is_refused_with_a_reason(junk: bytes) -> None:
    weapi = as_bytes(weapi_form(b"{}", OUR_KEY.modulus))
    for unwrap in (
        lambda: open_weapi(weapi | {"params": junk}, OUR_KEY),
        lambda: open_weapi(weapi | {"encSecKey": junk}, OUR_KEY),
        lambda: open_eapi({"params": junk}, "/api/x"),
        lambda: open_linuxapi({"eparams": junk}),
    ):
        with pytest.raises(WireError, match="."):
            unwrap()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"encSecKey": b"0" * 255}, "256 lower-case hex"),
        ({"encSecKey": b"A" * 256}, "256 lower-case hex"),
        ({"encSecKey": b"f" * 256}, "not smaller than the modulus"),
        ({"encSecKey": b"0" * 255 + b"1"}, "another public key"),
        ({"params": b"a+b c"}, "plus sign"),
        ({"params": b"AAAA"}, "whole blocks"),
        ({"params": b"A" * 64}, "wrong key or wrong padding"),
    ],
)
def test_damaged_weapi(change: dict[str, bytes], reason: str) -> None:
    form = as_bytes(weapi_form(b"{}", OUR_KEY.modulus)) | change
    with pytest.raises(WireError, match=reason):
        open_weapi(form, OUR_KEY)


def test_another_public_key_is_noticed() -> None:
    form = as_bytes(weapi_form(b"{}", KNOWN_P * KNOWN_Q))
    with pytest.raises(WireError, match="another public key|not smaller"):
        open_weapi(form, OUR_KEY)


def test_damaged_eapi() -> None:
    mark = b"-36cd479b6b5-"
    good = eapi_form("/api/x", b"{}")["params"]
    wrong_digest = ecb(b"/api/x" + mark + b"{}" + mark + b"0" * 32, EAPI_KEY).hex().upper()
    no_digest = ecb(b"/api/x" + mark + b"{}", EAPI_KEY).hex().upper()
    for params, reason in [
        (good.lower(), "upper-case hex"),
        (good[:-1], "upper-case hex"),
        (good[:-2], "whole blocks"),
        (wrong_digest, "digest inside params is wrong"),
        (no_digest, "not path, JSON and digest"),
        (eapi_form("/api/x", b"[]")["params"], "not an object"),
        (eapi_form("/api/x", b"{")["params"], "not JSON"),
    ]:
        with pytest.raises(WireError, match=reason):
            open_eapi({"params": params.encode()}, "/api/x")


def test_wrong_padding() -> None:
    block = b"/api/x-36cd479b6b5-{}-36cd479b6b5-" + b"0" * 32
    for end in (b"\x00", b"\x11", b"\x01\x02", b"\x03\x02\x03"):
        data = block.ljust(80 - len(end), b"-") + end
        encryptor = Cipher(algorithms.AES(EAPI_KEY), modes.ECB()).encryptor()
        with pytest.raises(WireError, match="wrong padding"):
            open_eapi({"params": encryptor.update(data).hex().upper().encode()}, "/api/x")


def test_damaged_forms() -> None:
    with pytest.raises(WireError, match="no field params"):
        open_eapi({}, "/api/x")
    with pytest.raises(WireError, match="not a form"):
        read_form(json.dumps({"params": ""}).encode())
    with pytest.raises(WireError, match="there twice"):
        read_form(b"a=1&a=2")
    with pytest.raises(WireError, match="not UTF-8"):
        open_plain(read_form(b"a=%ff"))
    with pytest.raises(WireError, match="full address"):
        open_linuxapi(as_bytes(linux_form("/api/x", {})))
    assert open_plain(read_form(b"s=%E6%B5%B7+x%2B&n=")) == {"s": "海 x+", "n": ""}


def test_opened_keys_are_forgotten_in_the_end() -> None:
    key = PrivateKey(remembered=2)
    forms = [as_bytes(weapi_form(b"{}", key.modulus, secret)) for secret in ("a" * 16, "b" * 16, "c" * 16)]
    for form in (*forms, *forms):
        assert open_weapi(form, key) == {}
    assert len(key._opened) == 2
