"""The wheel holds what runs and nothing else, and its console script starts away from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        ROOT,
    ]
    subprocess.run(command, check=True, timeout=120)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_wheel_holds_the_three_packages_with_their_queries_and_assets(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert top == {"app", "components", "data_layer"}
    assert "data_layer/queries/markets.sql" in names
    stored = {
        str(path.relative_to(ROOT)) for path in (ROOT / "components").rglob("*") if path.suffix in {".js", ".css"}
    }
    assert stored <= set(names)
    assert zipfile.ZipFile(wheel).read("app/CHANGELOG.md") == (ROOT / "CHANGELOG.md").read_bytes()


@pytest.mark.slow
def test_installed_console_script_runs_from_a_folder_with_an_app_of_its_own(wheel: Path, tmp_path: Path):
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel]
    subprocess.run(command, check=True, timeout=120)
    (elsewhere / "app").mkdir(parents=True)
    (elsewhere / "app" / "__init__.py").write_text("raise RuntimeError('the wrong app')")
    script = next((site / "bin").glob("kalshi-dashboard*"))
    done = subprocess.run(
        [sys.executable, script, "--version"],
        cwd=elsewhere,
        env={"PYTHONPATH": str(site), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "0.1.0"
