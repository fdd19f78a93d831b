// What the page says, in Indonesian and English.

export const WORDS = {
  id: {
    skip: "Langsung ke artikel",
    tagline: "Memberi label pada berita keamanan internasional",
    language: "Bahasa",
    title: "Judul",
    titleHint: "boleh kosong",
    text: "Artikel",
    textHint: "Tempel isi berita di sini",
    dropHint: "Tempel teksnya, atau jatuhkan berkas di sini: .txt, .html, atau .json.",
    submit: "Beri label",
    working: "Sedang membaca…",
    open: "Buka berkas…",
    example: "Coba contoh",
    keys: "Ctrl + Enter memberi label pada isi kolom.",
    labels: "Label",
    again: "Ubah atau artikel lain",
    none: "Tidak ada label yang mencapai ambangnya.",
    given: "diberikan",
    choose: "Tampilkan bukti untuk",
    tick: "ambang; mulai dari sini label diberikan",
    threshold: "ambang",
    article: "Artikel dengan tandanya",
    for: "mendukung",
    against: "menentang",
    entity: "entitas",
    evidenceFor: "Bukti untuk {label}",
    noEvidence: "Tidak ada kata dalam artikel ini yang mendukung atau menentangnya.",
    more: "Tampilkan {n} lagi",
    sum: "Cara penjumlahannya",
    sumHint: "Log-odds sebelum kalibrasi: di atas nol mendukung label, di bawah nol menentangnya.",
    base: "Dasar",
    placed: "Kata-kata dalam artikel",
    margin: "Jumlah",
    other: "lain-lain",
    notInText: "(tanpa tempat dalam teks)",
    "entity:different-countries": "banyaknya negara",
    "entity:two-countries": "ada dua negara",
    entities: "Entitas",
    noEntities: "Tidak ada nama yang dikenal.",
    times: "{n} kali",
    model: "Dijawab oleh {name} versi {version}.",
    modelNow: "Model yang bertugas: {name} versi {version}.",
    modelUnknown: "Model yang bertugas belum diketahui.",
    document: "Dokumen API",
    runs: "Bandingkan model",
    runsHow: "Di folder tempat model dilatih, jalankan",
    runsThen: "lalu buka antarmuka MLflow di",
    askHead: "Kunci API",
    askWhy: "Layanan ini hanya menjawab pemegang kuncinya. Kunci disimpan di tab ini saja dan dilupakan saat tab ditutup.",
    key: "Kunci",
    askOk: "Pakai kunci ini",
    askNo: "Nanti saja",
    done: "Selesai. Label: {labels}",
    empty: "Belum ada teks. Tempel isi artikel atau buka berkas.",
    long: "Teks ini {n} karakter; paling banyak 200.000.",
    fileKind: "Berkas {name} tidak dikenal; yang bisa dibuka: .txt, .html, dan .json.",
    fileMany: "Satu berkas saja; ini {n} berkas.",
    fileLarge: "Berkas {name} terlalu besar (paling besar 8 MB).",
    fileJson: "Berkas {name} bukan artikel JSON: harus berupa objek dengan kolom \"text\".",
    offline: "Komputer ini sedang luring. Sambungkan ke jaringan, lalu coba lagi; teks Anda masih ada.",
    unreachable: "Layanan tidak dapat dihubungi. Mungkin sedang dimulai ulang; teks Anda masih ada.",
    unauthorized: "Layanan meminta kunci API yang benar.",
    invalid_request: "Layanan tidak dapat membaca artikel ini:",
    too_large: "Artikel ini terlalu besar untuk layanan.",
    overloaded: "Layanan sedang sibuk. Coba lagi sebentar lagi.",
    overloadedFor: "Layanan sedang sibuk. Coba lagi dalam {n} detik.",
    timeout: "Layanan butuh waktu terlalu lama. Coba lagi, atau kirim teks yang lebih pendek.",
    failed: "Layanan gagal menjawab (galat {status}). Lognya mencatat sebabnya.",
    unsupported_language: "Bahasa artikel ini bukan Indonesia atau Inggris; labelnya bisa keliru.",
    country: "Negara", city: "Kota dan pangkalan", person: "Tokoh", organisation: "Organisasi", weapon: "Senjata",
    treaty: "Perjanjian", exercise: "Latihan dan operasi", company: "Perusahaan",
    exampleTitle: "Turki Teken Pembelian 20 Jet Tempur Eurofighter dari Inggris",
    exampleText: "ANKARA, WartaKini.com - Turki dan Inggris menandatangani kontrak pembelian 20 jet tempur Eurofighter Typhoon, Senin (27/10/2025). Perdana Menteri Inggris Keir Starmer terbang ke Ankara dan bertemu Presiden Recep Tayyip Erdogan sebelum penandatanganan.\n\nBaca juga: Harga Emas Antam Hari Ini Turun\n\nPengiriman pertama dijadwalkan pada 2030.",
  },
  en: {
    skip: "Skip to the article",
    tagline: "Labels news about international security",
    language: "Language",
    title: "Headline",
    titleHint: "may stay empty",
    text: "Article",
    textHint: "Paste the story here",
    dropHint: "Paste the text, or drop a file here: .txt, .html or .json.",
    submit: "Label the article",
    working: "Reading…",
    open: "Open a file…",
    example: "Try an example",
    keys: "Ctrl + Enter labels what stands in the field.",
    labels: "Labels",
    again: "Edit or label another",
    none: "No label reaches its threshold.",
    given: "given",
    choose: "Show the evidence for",
    tick: "the threshold from which a label is given",
    threshold: "threshold",
    article: "The article with its marks",
    for: "speaks for it",
    against: "speaks against it",
    entity: "entity",
    evidenceFor: "Evidence for {label}",
    noEvidence: "No word of this article speaks for or against it.",
    more: "Show {n} more",
    sum: "How it adds up",
    sumHint: "Log-odds before calibration: above zero for the label, below against it.",
    base: "Base",
    placed: "Words of the article",
    margin: "Sum",
    other: "others",
    notInText: "(no place in the text)",
    "entity:different-countries": "number of countries",
    "entity:two-countries": "two countries or more",
    entities: "Entities",
    noEntities: "No name that is known here.",
    times: "{n} times",
    model: "Answered by {name}, version {version}.",
    modelNow: "On duty: {name}, version {version}.",
    modelUnknown: "Which model answers is not known yet.",
    document: "API document",
    runs: "Compare models",
    runsHow: "In the folder where the models were trained, run",
    runsThen: "and open the MLflow UI at",
    askHead: "API key",
    askWhy: "This service answers to those who have its key. The key stays in this tab and is forgotten when you close it.",
    key: "Key",
    askOk: "Use this key",
    askNo: "Not now",
    done: "Done. Labels: {labels}",
    empty: "There is no text yet. Paste an article or open a file.",
    long: "This text has {n} characters; 200,000 are the most.",
    fileKind: "{name} is of an unknown kind; .txt, .html and .json can be opened.",
    fileMany: "One file at a time; these are {n}.",
    fileLarge: "{name} is too large (8 MB at most).",
    fileJson: "{name} is no JSON article: expected an object with a \"text\".",
    offline: "This computer is offline. Connect it and try again; your text is still here.",
    unreachable: "The service cannot be reached. It may be starting; your text is still here.",
    unauthorized: "The service asks for the right API key.",
    invalid_request: "The service could not read this article:",
    too_large: "This article is too large for the service.",
    overloaded: "The service is busy. Try again in a moment.",
    overloadedFor: "The service is busy. Try again in {n} seconds.",
    timeout: "The service took too long. Try again, or send a shorter text.",
    failed: "The service failed to answer (error {status}). Its log says why.",
    unsupported_language: "This article seems to be neither Indonesian nor English; its labels may be wrong.",
    country: "Countries", city: "Cities and bases", person: "People", organisation: "Organisations", weapon: "Weapons",
    treaty: "Treaties", exercise: "Exercises and operations", company: "Companies",
    exampleTitle: "Turkey signs for 20 Eurofighter jets from Britain",
    exampleText: "ANKARA - Turkey and Britain signed a contract for 20 Eurofighter Typhoon fighter jets on Monday. British Prime Minister Keir Starmer flew to Ankara and met President Recep Tayyip Erdogan before the signing.\n\nThe first delivery is scheduled for 2030. Greece voiced concern about the sale.",
  },
};

const REMEMBERED = "kawat.language";
let current = "en";

/** The language in use: `id` or `en`. */
export const language = () => current;

/** A phrase in the language in use, with `{name}` filled in. */
export function say(name, values = {}) {
  const phrase = WORDS[current][name] ?? name;
  return phrase.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}

/** The language that was chosen before, else the browser's. */
export function preferred() {
  let chosen = null;
  try {
    chosen = localStorage.getItem(REMEMBERED);
  } catch {
    // A browser may forbid it; then nothing is remembered.
  }
  if (chosen in WORDS) return chosen;
  return /^(id|in|ms)\b/i.test(navigator.language) ? "id" : "en";
}

/** Say everything in `name` from now on. */
export function speak(name, remember = false) {
  current = name;
  if (remember) {
    try {
      localStorage.setItem(REMEMBERED, name);
    } catch {
      // As above.
    }
  }
  document.documentElement.lang = name;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = say(element.dataset.hint);
}
