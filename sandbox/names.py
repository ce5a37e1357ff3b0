"""The words that :mod:`sandbox.company` draws from."""

# ruff: noqa: RUF001  # the letters of other alphabets are meant

from __future__ import annotations

# Given and family names by culture; what has no Latin form of its own carries it behind "=".
PEOPLE: dict[str, tuple[str, str]] = {
    "finnish": (
        "Aino Eero Päivi Jyrki Väinö Sanna Mika",
        "Mäkelä Korhonen Hämäläinen Niemi Yrjölä",
    ),
    "swedish": ("Åsa Björn Märta Göran Elin Nils", "Öberg Lindström Sjögren Ångström Holm"),
    "danish": ("Søren Mette Jørgen Kirsten Rasmus", "Kjærgaard Nørgaard Sørensen Møller"),
    "icelandic": ("Þórunn Guðrún Ægir Sigurður", "Jónsdóttir Þorsteinsson Björnsdóttir"),
    "english": ("Grace Oliver Harriet James Chloe Sam", "Smith Fletcher Hargreaves Baker D'Arcy"),
    "irish": ("Siobhán Conor Aoife Séamus", "O'Brien O'Sullivan McGrath Ní-Dhomhnaill"),
    "german": ("Jürgen Änne Käthe Matthias Zoë", "Müller Groß Weiß Schröder Vogel"),
    "french": ("Zoé François Hélène Loïc Maëlle", "Lefèvre D'Aubigné Gauthier Beaufaÿs"),
    "spanish": ("María José-Luis Íñigo Begoña", "García Muñoz Ibáñez Peña"),
    "portuguese": ("João Conceição Luís Inês", "Gonçalves Simões Araújo Brandão"),
    "polish": ("Łukasz Małgorzata Stanisław Zofia", "Wójcik Dąbrowska Żuławski Król"),
    "czech": ("Jiří Růžena Ondřej Šárka", "Dvořák Černý Hašková Příhoda"),
    "turkish": ("Çağla İsmail Şebnem Özgür", "Yıldız Öztürk Güneş Şahin"),
    "hindi": ("Priya Arjun Lakshmi Rohan", "Sharma Iyer Patel Chaudhary"),
    "nigerian": ("Chidinma Oluwaseun Ngozi Tunde", "Okonkwo Adébáyọ̀ Eze Balogun"),
    "vietnamese": ("Thị-Hạnh Đức Phương Tuấn", "Nguyễn Trần Phạm Đặng"),
    "maori": ("Hēmi Aroha Wiremu Mārama", "Ngāta Parata Tūhoe"),
    "greek": (
        "Γιώργος=Giorgos Ελένη=Eleni Νίκος=Nikos",
        "Παπαδόπουλος=Papadopoulos Ζωγράφου=Zografou",
    ),
    "ukrainian": (
        "Оксана=Oksana Тарас=Taras Юлія=Yuliia",
        "Шевченко=Shevchenko Ковальчук=Kovalchuk",
    ),
    "arabic": (
        "فاطمة=Fatima يوسف=Yusuf ليلى=Layla",
        "الحسن=Alhassan بن-سعيد=BinSaid منصور=Mansour",
    ),
    "hebrew": ("נועה=Noa אורי=Uri", "לוי=Levi כהן=Cohen"),
    "japanese": ("結衣=Yui 大翔=Hiroto さくら=Sakura", "佐藤=Sato 髙橋=Takahashi 渡邉=Watanabe"),
    "korean": ("지우=Jiwoo 민준=Minjun", "김=Kim 박=Park"),
    "chinese": ("丽华=Lihua 伟=Wei", "欧阳=Ouyang 陈=Chen"),
}

# How often each culture appears; the others count 1.
WEIGHTS = {"english": 8, "finnish": 6, "swedish": 4, "german": 3, "irish": 3, "spanish": 3}

NOT_DECOMPOSED = str.maketrans(
    {"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i"}
    | {"ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ß": "ss"}
)
"""Letters that Unicode decomposition leaves as they are, in ASCII."""

TITLES = (
    "Field Technician",
    "Maintenance Planner",
    "Service Engineer",
    "Site Supervisor",
    "Customer Success Agent",
    "Team Lead, Night Shift",
    "HVAC Installer",
    "QA & Safety Officer",
    "Regional Manager",
)

# City, region, country code, time zone, latitude, longitude.
CITIES: tuple[tuple[str, str, str, str, float, float], ...] = (
    ("Tampere", "Pirkanmaa", "FI", "Europe/Helsinki", 61.4978, 23.7610),
    ("Jyväskylä", "Keski-Suomi", "FI", "Europe/Helsinki", 62.2426, 25.7473),
    ("Malmö", "Skåne", "SE", "Europe/Stockholm", 55.6050, 13.0038),
    ("Tromsø", "Troms", "NO", "Europe/Oslo", 69.6492, 18.9553),
    ("Ærøskøbing", "Syddanmark", "DK", "Europe/Copenhagen", 54.8882, 10.4116),
    ("Reykjavík", "Höfuðborgarsvæðið", "IS", "Atlantic/Reykjavik", 64.1466, -21.9426),
    ("King's Lynn", "Norfolk", "GB", "Europe/London", 52.7517, 0.4023),
    ("Dún Laoghaire", "Dublin", "IE", "Europe/Dublin", 53.2942, -6.1339),
    ("Düsseldorf", "Nordrhein-Westfalen", "DE", "Europe/Berlin", 51.2277, 6.7735),
    ("Łódź", "Łódzkie", "PL", "Europe/Warsaw", 51.7592, 19.4560),
    ("São Paulo", "SP", "BR", "America/Sao_Paulo", -23.5505, -46.6333),
    ("Winnipeg", "MB", "CA", "America/Winnipeg", 49.8951, -97.1384),
    ("Nashville", "TN", "US", "America/Chicago", 36.1627, -86.7816),
    ("Coeur d'Alene", "ID", "US", "America/Los_Angeles", 47.6777, -116.7805),
    ("Wagga Wagga", "NSW", "AU", "Australia/Sydney", -35.1082, 147.3598),
    ("Whangārei", "Northland", "NZ", "Pacific/Auckland", -35.7275, 174.3166),
    ("横浜市", "神奈川県", "JP", "Asia/Tokyo", 35.4437, 139.6380),
    ("دبي", "دبي", "AE", "Asia/Dubai", 25.2048, 55.2708),
)

STREETS = (
    "Tehtaankatu",
    "Storgata",
    "Harbour Road",
    "Industriestraße",
    "Quay St, Unit B",
    "N 5th Avenue",
    "Rua das Flôres",
    "St. Mary's Lane",
)

SITE_KINDS = ("Plant", "Depot", "Terminal", "Warehouse", "Substation", "Workshop", "Service Hub")

CUSTOMER_STEMS = (
    "Kivikoski",
    "Northwind",
    "Blå Havn",
    "O'Malley & Sons",
    "Müller Kältetechnik",
    "Riverbend",
    "Copper Kettle",
    "Sørlandet",
    "Third Coast",
    "Aurora",
    'Bob\'s "Original"',
    "株式会社みなと",
    "Señal Verde",
    "Iron Lake",
    "Tūī",
    "Half Moon",
    "شركة النخيل",
    "Prairie",
)

CUSTOMER_KINDS = (
    "Energy",
    "Foods",
    "Logistics, Inc.",
    "Hospital",
    "Hotels",
    "Dairy",
    "Paper",
    "School District",
    "Oy",
    "GmbH & Co. KG",
    "Property Group",
)

# Kind, makers, models.
MACHINES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Boiler", ("Kaukora", "Vestra", "Lochridge"), ("VK-140", "B 25/2", "LX900")),
    ("Rooftop unit", ("Carlisle Air", "Trenton", "Yorkdale"), ("48TC-D08", "YHC060", "ZF-072")),
    ("Compressor", ("Atlas Nord", "Kaesling"), ("GA 11+", "SM 13 T")),
    ("Pump", ("Sulo", "Grundvik"), ("CR 5-10", "AHLSTAR-A22")),
    ("Conveyor", ("Interbelt", "Rullo"), ("S400", "MK-II")),
    ("Heat pump", ("Nordluft", "Daiki"), ("F1255-6", "RXM25N9")),
    ("Switchgear", ("ABE", "Sivacon"), ("UniSec 12", "S8")),
    ("Forklift", ("Lindholm", "Toyama"), ("H25D", "8FBE15U")),
)

PARTS = (
    "drive belt",
    "intake filter",
    "pressure relief valve",
    "control board",
    '3/4" fitting',
    "condenser coil",
    "gearbox oil",
    "door seal",
    "emergency stop",
    "heat exchanger",
)

SENTENCES = (
    "Replaced the {part}.",
    "Checked {part}: no wear, no leaks.",
    "Customer asked for a quote; the {part} is at end of life.",
    "Could not reach the {part}, will return on Thursday.",
    "Reading was {number} bar, limit is {limit} bar.",
    "Cleaned {part}, tightened all bolts to {number} Nm & tested under load.",
    "Noise from the {part} - see the photo.",
    "All good here, thanks!",
    "Vaihdettu osa, mittaus {number} °C kuormalla.",
    "Tiivisteet kunnossa – ei vuotoja.",
    "Bytte ut {part}, må følges opp neste uke.",
    "Prüfung ohne Befund, nächste Wartung in {number} Monaten.",
    "Se cambió la pieza; ¿revisar en {number} días?",
    "Pièce remplacée, l'état général est « bon ».",
    "フィルターを交換しました。異常なし。",
    "تم استبدال المرشح، لا توجد تسريبات.",
    "点检完成,压力 {number} bar。",
)

ODD_SENTENCES = (
    'Tenant said "it only rattles at night"; found a loose {part}.',
    "First visit:\n- isolated power\n- swapped {part}\n\nSecond visit not needed.",
    'Label reads "CAUTION; 400 V, 3~",\r\nso we called the electrician.',
    "Great service 👍🏽 thanks 🙏",
    "Temp;before;after\n{number};{limit};ok",
    "=SUM(A1:A3) was typed into the notes field, kept as found.",
    "Path C:\\reports\\{number}\\final, tab\there.",
    "  Leading and trailing blanks  ",
    "O'Neill's unit: 50% load, {number}% humidity, 'as new'.",
)
