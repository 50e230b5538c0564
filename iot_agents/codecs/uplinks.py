"""Uplinks that the network server left undecoded get what the codec of their device profile makes of them."""

import msgspec

from iot_agents.codecs.codecs import CAYENNE_LPP, Codec, Codecs, bundled_codec
from iot_agents.codecs.layout import Layout
from iot_agents.codecs.result import Failed
from iot_agents.profile import DeviceProfile
from iot_agents.refused import Refused
from iot_agents.uplink import Uplink


def codec_of(profile: DeviceProfile) -> Codec | None:
    """None where the network server decodes; `Failed` where the profile names a codec that there is not."""
    if profile.codec is None or isinstance(profile.codec, Layout):
        return profile.codec
    return CAYENNE_LPP if profile.codec == CAYENNE_LPP else bundled_codec(profile.codec)


def needs_codec(profile: DeviceProfile, uplink: Uplink) -> bool:
    """Whether anything is to be done."""
    return bool(uplink.payload) and (uplink.decoded is None or profile.codec_always)


async def with_decoded(codecs: Codecs, profile: DeviceProfile, uplink: Uplink) -> Uplink:
    """The uplink with its decoded object; as it is where nothing is to be done.

    `Refused` says why the codec made nothing of it.
    """
    if not needs_codec(profile, uplink):
        return uplink
    try:
        codec = codec_of(profile)
    except Failed as error:
        raise Refused("no_codec", f"The profile {profile.id} cannot decode: {error}") from None
    if codec is None:
        if uplink.decoded is not None:
            return uplink
        raise Refused(
            "not_decoded",
            f"The network server decoded nothing of {uplink.device_key}: give it, or the profile {profile.id}, "
            "the codec of the device",
        )
    decoded = await codecs.decode(codec, uplink.f_port, uplink.payload, uplink.time, uplink.device_key)
    if decoded.errors or decoded.data is None:
        reason = f"The codec of the profile {profile.id} reports for port {uplink.f_port}: {'; '.join(decoded.errors)}"
        raise Refused("codec_error", reason[:1_000])
    return msgspec.structs.replace(uplink, decoded=decoded.data)
