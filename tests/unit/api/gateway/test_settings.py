"""A gateway's settings file: what it may say, and what it is told when it is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.errors import ConfigurationError
from api.gateway.meters import read_meters, series_of
from api.gateway.settings import load_gateway_settings
from devices.errors import MappingError
from tests.support.gateway_settings import BROKER, KEY, LEDGER, LOG, METER, PLACE, write_settings

ROOT = Path(__file__).resolve().parents[4]
EXAMPLES = ROOT / "examples" / "mappings"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """A settings file means the same wherever the command is run."""
    settings = load_gateway_settings(write_settings(tmp_path))

    assert settings.gateway.store == tmp_path / "gateway.sqlite"
    assert settings.key[0].file == tmp_path / "boiler.pem"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((PLACE, LOG, KEY), r"no \[broker\] and no \[ledger\]"),
        ((PLACE, LOG, LEDGER), "key: field required"),
        ((PLACE, LOG, LEDGER, KEY, KEY), "two keys have the name boiler"),
        ((PLACE, LOG, LEDGER, KEY, METER, METER), "two meters have the name boiler"),
        ((PLACE, LOG, LEDGER, KEY, METER.replace('key = "boiler"', 'key = "x"')), "no key"),
        ((PLACE, LOG, LEDGER, KEY + 'colour = "red"'), r"key\.0\.colour"),
        ((PLACE, LOG, LEDGER, KEY.replace('file = "boiler.pem"', "")), "in a file or in a token"),
        ((PLACE, LOG, LEDGER, KEY, METER.replace("simulated", "magic")), "meter"),
        ((PLACE.replace("gateway-1", "GATEWAY 1"), LOG, LEDGER, KEY), "not a gateway id"),
        ((PLACE, LOG.replace("log.example", "other.example", 1), LEDGER, KEY), "the key is of"),
        ((PLACE, LOG.replace("vkey = ", 'vkey = "x"\n#'), LEDGER, KEY), r"log\.vkey"),
        ((PLACE, LOG, BROKER + 'protocol = "4"', KEY), r"broker\.protocol"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, parts: tuple[str, ...], message: str) -> None:
    """Each mistake is told with its place in the file."""
    with pytest.raises(ConfigurationError, match=f"(?i){message}"):
        load_gateway_settings(write_settings(tmp_path, *parts))


def test_file_that_is_no_toml(tmp_path: Path) -> None:
    """What cannot be read is said to be that."""
    with pytest.raises(ConfigurationError, match="cannot read the settings file"):
        load_gateway_settings(write_settings(tmp_path, "= 5"))


def test_sample_is_complete(tmp_path: Path) -> None:
    """The sample that is shipped is read, and so are the mappings it names."""
    shutil.copy(ROOT / "deploy" / "gateway" / "gateway.toml", tmp_path)
    shutil.copytree(EXAMPLES, tmp_path / "mappings")
    settings = load_gateway_settings(tmp_path / "gateway.toml")
    meters = read_meters(settings.meter)

    assert {meter.settings.kind for meter in meters} == {"simulated", "csv", "hj212", "modbus"}
    assert all(meter.series for meter in meters)


def test_each_kind_knows_its_series(tmp_path: Path) -> None:
    """Series come from the mapping files, and belong to the key that the meter names."""
    kinds = f"""
[[meter]]
name = "stack"
key = "boiler"
kind = "hj212"
listen_port = 0
stations = ["{EXAMPLES / "stack-hj212.toml"}"]
inbox = "hj212.sqlite"

[[meter]]
name = "feeder"
key = "boiler"
kind = "modbus"
host = "127.0.0.1"
register_map = "{EXAMPLES / "electricity-meter-modbus.toml"}"

[[meter]]
name = "files"
key = "boiler"
kind = "csv"
folder = "imports"
mapping = "{EXAMPLES / "steel-works-2018.toml"}"
"""
    path = write_settings(tmp_path, PLACE, LOG, LEDGER, KEY, METER, kinds)
    meters = read_meters(load_gateway_settings(path).meter)

    assert [meter.silent_after_s for meter in meters] == [2700, 86_400, 2700, None]
    assert "stack-1/carbon-dioxide/hour/" in set(series_of(meters, "boiler"))
    assert len(set(series_of(meters, "boiler"))) == sum(len(meter.series) for meter in meters)


def test_two_meters_of_one_series(tmp_path: Path) -> None:
    """Two records of one interval would be a conflict, so the file is refused."""
    other = METER.replace('name = "boiler"', 'name = "other"')
    path = write_settings(tmp_path, PLACE, LOG, LEDGER, KEY, METER, other)

    with pytest.raises(ConfigurationError, match="two meters"):
        read_meters(load_gateway_settings(path).meter)


def test_mistake_in_a_mapping_names_its_file(tmp_path: Path) -> None:
    """Whoever reads the message knows which file to open."""
    (tmp_path / "map.toml").write_text("[meter]\ndevice = 1\n", encoding="utf-8")
    meter = """
[[meter]]
name = "feeder"
key = "boiler"
kind = "modbus"
serial = "/dev/ttyUSB0"
register_map = "map.toml"
"""
    path = write_settings(tmp_path, PLACE, LOG, LEDGER, KEY, meter)

    with pytest.raises(MappingError, match=r"map\.toml"):
        read_meters(load_gateway_settings(path).meter)


def test_meter_without_a_key_of_its_own_cannot_sign(tmp_path: Path) -> None:
    """A Modbus meter's messages say that a gateway signed, so its key must be one."""
    meter = """
[[meter]]
name = "feeder"
key = "boiler"
kind = "modbus"
host = "127.0.0.1"
register_map = "map.toml"
"""
    key = KEY + 'signer = "device"\n'
    path = write_settings(tmp_path, PLACE, LOG, LEDGER, key, meter)

    with pytest.raises(ConfigurationError, match="cannot sign"):
        load_gateway_settings(path)
