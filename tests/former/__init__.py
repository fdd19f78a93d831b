"""One tiny model of every version of the features, as it was registered then, with what it answered then."""

from pathlib import Path

FOLDER = Path(__file__).parent
ARTICLES = [
    {"title": "Turki Beli 20 Jet Tempur", "text": "ANKARA - Turki membeli 20 jet tempur Eurofighter dari Inggris, kata kementerian pertahanan."},
    {"title": "Menlu Rusia Temui Menlu India", "text": "Menteri luar negeri Rusia bertemu menteri luar negeri India di Moskow.\n\nBaca juga: Harga Emas Turun"},
    {"title": "", "text": "North Korea fired a ballistic missile into the sea, Japan’s coast guard said on Tuesday."},
    {"title": "Resep Rendang", "text": "Masak daging dengan santan dan cabai selama empat jam."},
]  # fmt: skip
