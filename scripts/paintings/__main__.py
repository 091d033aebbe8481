"""Paint all paintings anew and write them into the package (half a minute)."""

from pathlib import Path

from . import PAINTERS, SEEDS, jpeg

FOLDER = Path(__file__).resolve().parents[2] / "nst_utils" / "pictures" / "paintings"

for name in PAINTERS:
    for seed in SEEDS:
        path = FOLDER / f"{name}_{seed}.jpg"
        path.write_bytes(jpeg(name, seed))
        print(f"{path.name:18} {path.stat().st_size:8,} bytes")
