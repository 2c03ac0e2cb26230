"""What an offer of each sort is made of: NOS codes only. A template says nothing of size, place or people."""

from dataclasses import dataclass

BED = "01"
PLACE = "02"
MCO, SMR, PSY, MS, CITY = "01", "02", "03", "04", "05"
FULL, DAY, AMBULATORY, CONSULTATION = "28", "29", "09", "32"


@dataclass(frozen=True, slots=True)
class Template:
    """One sort of offer. Codes: `activities` R211, `mode` R213, `field` R227, `facility_type` R244, `acts` R210,
    `equipment` R212, `professions` R356, `health_professions` G15, `specialities` R38, `skills` R243,
    `specialisations` R245, `publics` R239, `home_modes` R338, `annual` R238, `families` R266, `expertise` R344."""

    name: str
    activities: tuple[str, ...]
    mode: str
    field: str
    nature: str | None = None
    ages: tuple[int, int] = (18, 120)
    facility_type: str | None = None
    acts: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    professions: tuple[str, ...] = ()
    health_professions: tuple[str, ...] = ("10", "60")
    specialities: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    specialisations: tuple[str, ...] = ()
    publics: tuple[str, ...] = ()
    home_modes: tuple[str, ...] = ("03",)
    annual: str | None = None
    reception: str | None = None
    families: tuple[str, ...] = ()
    expertise: str | None = None
    maternity: bool = False
    sector: str | None = None
    without_consent: bool = False
    sensitive: bool = False
    zoned: bool = False
    outside_acts: tuple[str, ...] = ()
    management: tuple[str, ...] = ()
    hours: str | None = None
    staff: int = 0


# Field 01. Full hospitalisation, in the order hospitals grow.
MEDICINE = (
    Template("Médecine polyvalente", ("083",), FULL, MCO, BED, professions=("90", "91"), specialities=("SM54",)),
    Template("Cardiologie", ("013",), FULL, MCO, BED, acts=("0172",), equipment=("118",), professions=("63",),
             specialities=("SM04",)),
    Template("Court séjour gériatrique", ("491",), FULL, MCO, BED, (75, 120), professions=("81",),
             specialities=("SM18",), skills=("42",)),
    Template("Pneumologie", ("114",), FULL, MCO, BED, acts=("0758", "1007"), professions=("107",),
             specialities=("SM41",)),
    Template("Hépato-gastro-entérologie", ("046", "062"), FULL, MCO, BED, acts=("0749",), professions=("79",),
             specialities=("SM24",)),
    Template("Neurologie et unité neurovasculaire", ("097", "098"), FULL, MCO, BED, professions=("98",),
             specialities=("SM32",)),
    Template("Réanimation polyvalente", ("127",), FULL, MCO, BED, equipment=("107", "156"), professions=("112",),
             specialities=("SM46",)),
    Template("Pédiatrie", ("088",), FULL, MCO, BED, (0, 17), professions=("105",), specialities=("SM40",),
             skills=("14",)),
    Template("Maternité", ("100",), FULL, MCO, BED, (13, 55), professions=("83",), health_professions=("10", "50"),
             specialities=("SM20",), home_modes=("03", "08"), maternity=True),
    Template("Maladies infectieuses et tropicales", ("077",), FULL, MCO, BED, professions=("85",),
             specialities=("SM58",)),
)  # fmt: skip
SURGERY = (
    Template("Chirurgie orthopédique et traumatologique", ("025",), FULL, MCO, BED, equipment=("088",),
             professions=("70",), specialities=("SM08",)),
    Template("Chirurgie viscérale et digestive", ("033",), FULL, MCO, BED, equipment=("072",), professions=("65",),
             specialities=("SM14",)),
    Template("Urologie", ("031",), FULL, MCO, BED, professions=("74",), specialities=("SM12",)),
    Template("Chirurgie vasculaire", ("032",), FULL, MCO, BED, professions=("75",), specialities=("SM13",)),
)  # fmt: skip
ONCOLOGY = (
    Template("Oncologie médicale", ("102",), FULL, MCO, BED, professions=("101",), specialities=("SM36",)),
    Template("Hématologie clinique", ("055",), FULL, MCO, BED, acts=("0650",), professions=("84",),
             specialities=("SM21",)),
    Template("Soins palliatifs", ("170",), FULL, MCO, BED, professions=("90",), specialities=("SM54",)),
)  # fmt: skip
MCO_PLACES = (
    Template("Chirurgie ambulatoire", ("025", "033"), AMBULATORY, MCO, PLACE, professions=("70", "87"),
             specialities=("SM08",)),
    Template("Hôpital de jour de médecine", ("083",), DAY, MCO, PLACE, professions=("91",), specialities=("SM27",)),
    Template("Hôpital de jour de chimiothérapie", ("164",), DAY, MCO, PLACE, professions=("101",),
             specialities=("SM36",)),
)  # fmt: skip
EMERGENCY = (
    Template("Accueil des urgences", ("157",), "33", MCO, ages=(0, 120), acts=("0172", "1269"),
             equipment=("107", "021"), professions=("115",), specialities=("SM59",), home_modes=("03", "06")),
    Template("Imagerie en coupes", ("068", "070"), "55", MCO, ages=(0, 120), equipment=("054", "085", "052"),
             professions=("109",), health_professions=("10", "98"), specialities=("SM44",), hours="day"),
)  # fmt: skip
SMUR = Template("SMUR", ("136", "268"), "59", MCO, ages=(0, 120), equipment=("207", "136"), professions=("115",),
                specialities=("SM59",), zoned=True)  # fmt: skip
SAMU = Template("SAMU - centre de régulation", ("273", "277"), "57", MCO, ages=(0, 120), professions=("115",),
                specialities=("SM59",), home_modes=("04",), zoned=True)  # fmt: skip
CONSULTATIONS = (
    Template("Consultations de médecine", ("085", "013"), CONSULTATION, MCO, professions=("91",),
             specialities=("SM27",), hours="day", staff=1),
    Template("Consultations de chirurgie", ("025", "031"), CONSULTATION, MCO, professions=("70",),
             specialities=("SM08",), hours="day", staff=1),
)  # fmt: skip
CANCER_MEETINGS = (
    Template("RCP appareil digestif", ("202",), "39", MCO, professions=("101", "65"), specialities=("SM36",),
             home_modes=(), hours="week"),
    Template("RCP sein", ("211",), "39", MCO, professions=("101", "111"), specialities=("SM36", "SM37"),
             home_modes=(), hours="week"),
    Template("RCP de recours cancers rares", ("216",), "40", MCO, professions=("101",), specialities=("SM36",),
             home_modes=(), hours="week", expertise="10"),
)  # fmt: skip
PENITENTIARY = Template("Unité sanitaire en milieu pénitentiaire", ("089",), CONSULTATION, MCO, professions=("90",),
                        specialities=("SM54",), sensitive=True)  # fmt: skip
HOME_HOSPITAL = Template("Hospitalisation à domicile", ("287", "170"), "31", MCO, ages=(0, 120), professions=("90",),
                         facility_type="128", specialities=("SM54",), home_modes=("05",), annual="03",
                         zoned=True)  # fmt: skip
DIALYSIS = (
    Template("Hémodialyse chronique", ("059",), "20", MCO, acts=("0657",), professions=("96",),
             specialities=("SM30",), home_modes=("03", "23"), hours="day"),
    Template("Dialyse péritonéale", ("583",), "20", MCO, acts=("0761",), professions=("96",), specialities=("SM30",),
             home_modes=("05",), zoned=True),
)  # fmt: skip

# Field 02. The three first are what the demonstration asks for.
REHABILITATION = (
    Template("SMR polyvalent", ("172",), FULL, SMR, BED, acts=("0749",), professions=("94",), facility_type="100",
             specialities=("SM29",), reception="01", home_modes=("03", "01")),
    Template("SMR affections de l'appareil locomoteur", ("233",), FULL, SMR, BED, equipment=("192", "184"),
             professions=("94",), facility_type="102", specialities=("SM29",), home_modes=("03", "01"),
             expertise="17"),
    Template("SMR gériatrique", ("241",), FULL, SMR, BED, (75, 120), professions=("81",), facility_type="101",
             specialities=("SM18",), skills=("45",), publics=("01",), home_modes=("03", "13")),
    Template("SMR affections du système nerveux", ("234", "283"), FULL, SMR, BED, equipment=("184",),
             professions=("94", "98"), facility_type="103", specialities=("SM29", "SM32"), specialisations=("12",)),
    Template("SMR affections cardio-vasculaires", ("235",), FULL, SMR, BED, acts=("0833",), equipment=("112",),
             professions=("63",), facility_type="104", specialities=("SM04",), expertise="15"),
    Template("SMR affections respiratoires", ("236",), FULL, SMR, BED, acts=("0758",), professions=("107",),
             facility_type="105", specialities=("SM41",)),
    Template("SMR conduites addictives", ("240",), FULL, SMR, BED, professions=("60",), facility_type="108",
             specialities=("SM42",), specialisations=("10",), publics=("04",)),
)  # fmt: skip
REHABILITATION_DAY = (
    Template("Hôpital de jour SMR locomoteur", ("233",), DAY, SMR, PLACE, equipment=("193",), professions=("94",),
             facility_type="102", health_professions=("10", "70"), specialities=("SM29",), hours="day"),
    Template("Hôpital de jour SMR gériatrique", ("241",), DAY, SMR, PLACE, (75, 120), professions=("81",),
             facility_type="101", specialities=("SM18",), hours="day"),
)  # fmt: skip

# Field 03
PSYCHIATRY = (
    Template("Psychiatrie adulte", ("229",), FULL, PSY, BED, facility_type="16", professions=("108",),
             specialities=("SM42",), specialisations=("08",), sector="G", without_consent=True),
    Template("Psychiatrie du sujet âgé", ("051",), FULL, PSY, BED, (65, 120), facility_type="16",
             professions=("108",), specialities=("SM42",), specialisations=("13",), sector="G"),
    Template("Unité d'hospitalisation fermée", ("229", "612"), FULL, PSY, BED, facility_type="68",
             professions=("108",), specialities=("SM42",), specialisations=("07",), sector="G", without_consent=True),
    Template("Psychiatrie de l'adolescent", ("228",), FULL, PSY, BED, (12, 17), facility_type="16",
             professions=("106",), specialities=("SM43",), specialisations=("01",), sector="I"),
)  # fmt: skip
PSYCHIATRY_DAY = (
    Template("Hôpital de jour de psychiatrie adulte", ("229",), DAY, PSY, PLACE, facility_type="11",
             professions=("108",), specialities=("SM42",), sector="G", hours="day"),
    Template("Hôpital de jour de pédopsychiatrie", ("227",), DAY, PSY, PLACE, (3, 12), facility_type="11",
             professions=("106",), specialities=("SM43",), specialisations=("02",), sector="I", hours="day"),
)  # fmt: skip
PSYCHIATRY_CLINICS = (
    Template("Centre médico-psychologique adultes", ("229", "289"), CONSULTATION, PSY, facility_type="10",
             professions=("108", "24"), health_professions=("10", "60", "96"), specialities=("SM42",), sector="G",
             hours="day", home_modes=("03", "04")),
    Template("Centre médico-psychologique enfants", ("227",), CONSULTATION, PSY, ages=(0, 17), facility_type="10",
             professions=("106",), health_professions=("10", "96", "91"), specialities=("SM43",), sector="I",
             hours="day"),
)  # fmt: skip
DIFFICULT_PATIENTS = Template("Unité hospitalière spécialement aménagée", ("229",), FULL, PSY, facility_type="17",
                              professions=("108",), specialities=("SM42",), sensitive=True)  # fmt: skip

# Field 04
LONG_STAY = Template("Soins de longue durée", ("333",), "46", MS, BED, (60, 120), facility_type="21",
                     professions=("81",), specialities=("SM18",), publics=("01",), reception="02",
                     annual="03")  # fmt: skip
MEDICO_SOCIAL: dict[str, tuple[Template, ...]] = {
    "ehpad": (
        Template("Hébergement permanent", ("511", "287"), "46", MS, BED, (60, 120), "21", professions=("19", "20"),
                 skills=("45",), publics=("01",), reception="02", annual="03"),
        Template("Hébergement temporaire", ("511", "394"), "46", MS, BED, (60, 120), "21", professions=("19",),
                 publics=("01", "03"), reception="01", annual="03", families=("01",)),
        Template("Unité Alzheimer", ("306", "511"), "46", MS, BED, (60, 120), "23", professions=("81",),
                 skills=("45",), specialisations=("28",), publics=("01",), reception="02", home_modes=("03", "20"),
                 annual="03"),
        Template("Accueil de jour", ("306",), "47", MS, PLACE, (60, 120), "24", publics=("01",), annual="01",
                 hours="day"),
    ),
    "ime": (
        Template("Institut médico-éducatif, accueil de jour", ("300", "301"), "47", MS, PLACE, (6, 20), "48",
                 professions=("11",), health_professions=("96", "60"), skills=("29", "31"),
                 specialisations=("14", "02"), publics=("02",), annual="01", hours="day"),
        Template("Institut médico-éducatif, internat", ("300", "511"), "46", MS, BED, (12, 20), "48",
                 professions=("44",), health_professions=("60",), specialisations=("14",), publics=("02",),
                 annual="01"),
    ),
    "mas": (
        Template("Maison d'accueil spécialisée", ("293", "511"), "46", MS, BED, (20, 60), "40", professions=("47",),
                 health_professions=("60", "35"), skills=("47", "49"), specialisations=("17",),
                 publics=("02", "05"), reception="02", annual="03"),
    ),
    "ssiad": (
        Template("Soins infirmiers à domicile", ("287", "288"), "49", MS, PLACE, (60, 120), "28",
                 professions=("20",), health_professions=("60", "35"), publics=("01", "02"), home_modes=("05",),
                 annual="03", zoned=True, management=("01",)),
    ),
    "savs": (
        Template("Accompagnement à la vie sociale", ("312", "299"), "49", MS, PLACE, (20, 65), "31",
                 health_professions=("60",), skills=("46",), specialisations=("16",), publics=("02",), annual="04",
                 zoned=True, hours="day", management=("01", "02")),
    ),
    "cmpp": (
        Template("Centre médico-psycho-pédagogique", ("227", "290"), "54", MS, ages=(0, 20), facility_type="62",
                 professions=("106", "24"), health_professions=("96", "91"), specialisations=("11",),
                 publics=("02",), annual="01", hours="day"),
    ),
    "chrs": (
        Template("Hébergement et réinsertion sociale", ("511", "553"), "46", MS, ages=(18, 120), facility_type="67",
                 health_professions=("60",), publics=("06",), annual="03"),
    ),
}  # fmt: skip

# Field 05
CITY_OFFERS: dict[str, tuple[Template, ...]] = {
    "cabinet": (
        Template("Médecine générale", ("437",), CONSULTATION, CITY, ages=(0, 120), acts=("0172", "0897"),
                 outside_acts=("0897",), specialities=("SM54",), home_modes=("03", "04", "05", "09"), hours="day",
                 staff=2),
        Template("Médecine générale à orientation gériatrie", ("484",), CONSULTATION, CITY, acts=("0172",),
                 outside_acts=("0172",), specialities=("SM54",), home_modes=("03", "05"), hours="day", staff=1),
    ),
    "health_centre": (
        Template("Médecine générale", ("437",), CONSULTATION, CITY, ages=(0, 120), acts=("0172", "1269"),
                 specialities=("SM54",), home_modes=("03", "06"), hours="day", staff=2),
        Template("Chirurgie dentaire", ("442",), CONSULTATION, CITY, ages=(3, 120), equipment=("200",),
                 health_professions=("40",), hours="day", staff=1),
        Template("Cardiologie", ("013",), CONSULTATION, CITY, acts=("0172", "0833"), specialities=("SM04",),
                 hours="day", staff=1),
    ),
    "nursing_practice": (
        Template("Soins infirmiers", ("287",), "49", CITY, ages=(0, 120), health_professions=("60",),
                 outside_acts=("0897",), home_modes=("03", "05"), zoned=True, hours="day", staff=2),
    ),
    "health_house": (
        Template("Médecine générale", ("437",), CONSULTATION, CITY, ages=(0, 120), acts=("0897",),
                 facility_type="99", specialities=("SM54",), home_modes=("03", "06"), hours="day", staff=2),
        Template("Kinésithérapie", ("339",), CONSULTATION, CITY, ages=(3, 120), equipment=("193",),
                 health_professions=("70",), facility_type="99", home_modes=("03", "05"), hours="day", staff=1),
        Template("Orthophonie", ("200",), CONSULTATION, CITY, ages=(3, 120), health_professions=("91",),
                 facility_type="99", hours="day", staff=1),
    ),
    "pmi": (
        Template("Consultations de protection maternelle et infantile", ("118", "530"), CONSULTATION, CITY,
                 ages=(0, 50), facility_type="125", professions=("105", "14"), health_professions=("10", "50", "60"),
                 acts=("0897",), hours="day", staff=1),
    ),
}  # fmt: skip
