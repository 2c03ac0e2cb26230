"""What a translation costs in memory above the interpreter and the modules, whatever the size of its input.

`python -m benchmarks.memory [--megabytes N]`: makes an extraction of the reference content, translates it with the
command in a child process, and reads the peak of that process; the base is the peak of one that translates nothing.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from lxml import etree

from benchmarks.measures import Metric, metric, table, write
from conformance.reference.content import content
from conformance.reference.csd.dialect import Contract
from conformance.reference.csd.document import DIRECTORIES, Document
from conformance.reference.csd.wire import CSD, Element, Scribe
from conformance.reference.dataset import MEMBERS, EstablishmentContent
from conformance.reference.solutions import ir
from gateway.translation.members import members
from mappings.fhir.encoding import decode
from mappings.fhir.xml import to_xml

MEGABYTE = 1024 * 1024
SIZE = 300
LIMIT = 64
# Some 40 MB a unit of scale: enough for a gigabyte.
SCALE = 24
RESULT = Path(__file__).parent / "results" / "memory.json"
IN_XML = "fhir in XML"
# The extraction is read and written in its own version, and in FHIR and back, from both forms.
TRANSLATIONS = (("csd-3.0", "fhir"), ("csd-3.0", "csd-2.4"), ("fhir", "csd-3.0"), (IN_XML, "csd-3.0"))
_CHILD = """
import sys
from gateway.commands import program
from gateway.messages import Language
if sys.argv[1:]:
    program(Language.EN)(sys.argv[1:], standalone_mode=False)
sys.stderr.write(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""
_DECLARED = f' xmlns:csd="{CSD}"'.encode()


def _establishments() -> Iterator[EstablishmentContent]:
    """The content of every region at a scale that no file exhausts."""
    return chain.from_iterable(content(member, scale=SCALE).establishments() for member in MEMBERS)


def extraction(path: Path, size: int, contract: Contract = Contract.V3_0) -> int:
    """Write a `CSD` document of about `size` bytes; returns the number of its offers."""
    document = Document(Scribe(ir.DIALECT, contract, "https://ror.example"))
    with ExitStack() as files:
        parts = {name: files.enter_context(tempfile.TemporaryFile()) for name in DIRECTORIES}
        written = 0
        for made in _establishments():
            if written >= size:
                break
            document.add(made)
            for directory in document.query_result():
                for entry in list(directory):
                    written += parts[_name(directory.tag)].write(_serialised(entry))
                    directory.remove(entry)
        with path.open("wb") as target:
            target.write(b"<csd:CSD" + _DECLARED + b">\n")
            for name in DIRECTORIES:
                parts[name].seek(0)
                target.write(f"<csd:{name}>\n".encode())
                for chunk in iter(lambda name=name: parts[name].read(MEGABYTE), b""):  # type: ignore[misc]
                    target.write(chunk)
                target.write(f"</csd:{name}>\n".encode())
            target.write(b"</csd:CSD>\n")
    return document.offers


def _name(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _serialised(entry: Element) -> bytes:
    return etree.tostring(entry, encoding="UTF-8", xml_declaration=False).replace(_DECLARED, b"", 1) + b"\n"


def in_xml(bundle: Path, path: Path) -> None:
    """Write the Bundle of a JSON file as XML."""
    with bundle.open("rb") as source, path.open("wb") as target:
        target.write(b'<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>\n')
        for member in members(source):
            if member.name == "entry":
                document = to_xml(decode(member.data)["resource"]).partition(b"?>\n")[2]
                target.write(b"<entry><resource>" + document + b"</resource></entry>\n")
        target.write(b"</Bundle>\n")


def peak(*arguments: str) -> int:
    """The peak of resident memory, in bytes, of a process that runs the command with those arguments.

    The process reads it from its own kernel record: what a parent is told of a child counts the parent too.
    """
    command = [sys.executable, "-c", _CHILD, *arguments]
    child = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    return int(child.stderr.split()[-1]) * 1024


def measure(size: int = SIZE) -> list[Metric]:
    """For each translation: the limit above the base, over what was used above the base; met from 1 upwards."""
    metrics = []
    with tempfile.TemporaryDirectory() as folder:
        inputs = {"csd-3.0": Path(folder) / "extraction.xml", "fhir": Path(folder) / "bundle.json"}
        inputs[IN_XML] = Path(folder) / "bundle.xml"
        extraction(inputs["csd-3.0"], size * MEGABYTE)
        base = peak()
        for source, target in TRANSLATIONS:
            written = inputs["fhir"] if target == "fhir" else Path(folder) / "output"
            if source == IN_XML:
                in_xml(inputs["fhir"], inputs[IN_XML])
            named = "fhir" if source == IN_XML else source
            above = peak("translate", "--from", named, "--to", target, "--output", str(written), str(inputs[source]))
            metrics.append(_metric(source, target, inputs[source], above - base))
    return metrics


def _metric(source: str, target: str, path: Path, above: int) -> Metric:
    megabytes = path.stat().st_size / MEGABYTE
    return metric(
        f"{source} to {target}, {megabytes:.0f} MB, {above / MEGABYTE:.1f} MB above the base",
        LIMIT * MEGABYTE / max(above, 1),
        baseline=f"{LIMIT} MB above the interpreter and the modules",
        goal=1.0,
    )


def main() -> None:
    """Measure, print, and write the results."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    arguments.add_argument("--megabytes", type=int, default=SIZE, help="size of the extraction")
    arguments.add_argument("--results", type=Path, default=RESULT, help="the JSON file of results")
    asked = arguments.parse_args()
    metrics = measure(asked.megabytes)
    write(metrics, asked.results)
    print(f"## memory\n\n{table(metrics)}")


if __name__ == "__main__":
    main()
