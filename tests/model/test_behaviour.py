"""The model behaves as its users expect (Ribeiro et al., 2020): plain cases pass, what does not matter changes nothing."""

import pytest

PLAIN = {
    "arms-transfer": [
        ("Filipina Terima Rudal BrahMos Gelombang Kedua dari India", "Filipina menerima pengiriman kedua rudal BrahMos yang dibelinya dari India, kata kementerian pertahanan di Manila."),
        ("Polandia Pesan 180 Tank K2 Tambahan", "Polandia menandatangani kontrak pembelian 180 tank K2 dari Korea Selatan senilai 6,5 miliar dolar AS."),
    ],
    "diplomacy": [
        ("Menlu Retno Bertemu Menlu Belanda di Den Haag", "Menteri Luar Negeri RI bertemu dengan Menteri Luar Negeri Belanda di Den Haag untuk membahas hubungan kedua negara."),
        ("Dubes Dipanggil", "Kementerian Luar Negeri Swedia memanggil duta besar Iran dan menyampaikan nota protes."),
    ],
    "sanctions": [
        ("Uni Eropa Perpanjang Sanksi terhadap Rusia", "Uni Eropa memperpanjang sanksi ekonomi dan pembekuan aset terhadap Rusia selama enam bulan lagi."),
    ],
    "military-activity": [
        ("Empat Negara Latihan Perang di Laut Filipina", "Angkatan laut empat negara menggelar latihan perang bersama yang melibatkan 20 kapal perang dan 5.000 prajurit."),
    ],
    "armed-conflict": [
        ("Serangan Drone Hantam Depot Minyak, Tiga Tewas", "Serangan drone menghantam depot bahan bakar pada Selasa malam dan menewaskan tiga orang, kata gubernur setempat."),
    ],
    "nuclear": [
        ("IAEA: Pengayaan Uranium Iran Capai 60 Persen", "Badan Energi Atom Internasional melaporkan cadangan uranium Iran yang diperkaya hingga 60 persen bertambah lagi."),
    ],
    "alliance": [
        ("Jepang dan Australia Teken Pakta Pertahanan", "Jepang dan Australia menandatangani pakta pertahanan baru yang memperdalam aliansi militer kedua negara."),
    ],
}  # fmt: skip
NONE = [
    ("Timnas Gempur Pertahanan Vietnam", "Timnas Indonesia menggempur pertahanan Vietnam sejak menit awal dan menang 3-0 di Stadion Gelora Bung Karno."),
    ("Harga Beras Naik", "Harga beras di pasar induk naik 5 persen menjelang Lebaran, kata pedagang."),
    ("Film Perang Ini Tayang Pekan Depan", "Film tentang pertempuran Surabaya 1945 itu akan tayang di bioskop mulai pekan depan dengan bintang baru."),
    ("Resep Rendang", "Siapkan daging sapi, santan, dan cabai merah, lalu masak dengan api kecil selama empat jam."),
]  # fmt: skip


def labels(classifier, title, text):
    return classifier.classify([{"title": title, "text": text}])[0].labels


@pytest.mark.parametrize(
    ("label", "title", "text"), [(label, *case) for label, cases in PLAIN.items() for case in cases]
)
def test_a_plain_case_carries_its_label(classifier, label, title, text):
    assert label in labels(classifier, title, text)


@pytest.mark.parametrize(("title", "text"), NONE)
def test_other_news_carries_none_even_in_the_language_of_war(classifier, title, text):
    assert labels(classifier, title, text) == []


SALE = "{0} menandatangani kontrak pembelian {2} dari {1}. Pengiriman pertama dijadwalkan tahun depan."


@pytest.mark.parametrize(
    "names",
    [("India", "Rusia", "rudal S-400"), ("Maroko", "Israel", "drone Heron"), ("Filipina", "Korea Selatan", "jet tempur FA-50"),
     ("Brasil", "Swedia", "jet tempur Gripen"), ("Kenya", "Turki", "kendaraan lapis baja")],
)  # fmt: skip
def test_other_states_and_weapons_leave_the_label(classifier, names):
    buyer, seller, weapon = names
    assert "arms-transfer" in labels(
        classifier, f"{buyer} Beli {weapon} dari {seller}", SALE.format(buyer, seller, weapon)
    )


def test_a_delivery_raises_arms_transfer(classifier):
    talk = "Presiden Serbia bertemu presiden Prancis di Paris untuk membahas hubungan kedua negara."
    delivery = f"{talk} Prancis sepakat menjual 12 jet tempur Rafale kepada Serbia."
    before, after = classifier.classify([talk, delivery])
    assert after.scores["arms-transfer"] > before.scores["arms-transfer"] + 0.3


@pytest.mark.parametrize(
    "frame",
    ["JAKARTA, WartaKini.com - {}", "Jakarta, Kabar Indonesia -- {}", "{}\n\nBaca juga: Harga Emas Antam Turun Tajam Hari Ini",
     "{}\n\nADVERTISEMENT\n\nSCROLL TO CONTINUE WITH CONTENT", "{} (abc/def)", "{}\nSumber: Kantor Berita Nusa"],
)  # fmt: skip
@pytest.mark.parametrize("label", PLAIN)
def test_what_portals_print_around_an_article_changes_nothing(classifier, label, frame):
    title, text = PLAIN[label][0]
    plain, framed = classifier.classify([{"title": title, "text": text}, {"title": title, "text": frame.format(text)}])
    assert framed.labels == plain.labels
    assert framed.scores == pytest.approx(plain.scores, abs=0.05)
