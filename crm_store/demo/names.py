"""Names and places that simulated customers are made from; any resemblance to a person is chance."""

from __future__ import annotations

from dataclasses import dataclass


def _each(names: str) -> tuple[str, ...]:
    return tuple(names.split())


WOMEN = _each(
    "Abigail Alma Amara Beatrice Bridget Carmen Clara Daria Edith Elena Esther Farah Flora Freya Greta Hazel Helen"
    " Imani Ines Ingrid Iris Jasmine Joan June Kamala Keira Leila Lena Lucia Mabel Maya Mira Nadia Naomi Nora"
    " Olive Paloma Petra Rania Rosa Ruth Sadie Selma Sofia Tamsin Thea Uma Vera Willa Yara Zelda"
)
MEN = _each(
    "Aaron Amos Anton Basil Boris Callum Cedric Dario Desmond Diego Elias Emil Ezra Felix Finn Gabriel Gus Hamid Hugo"
    " Idris Isaac Ivan Jasper Joel Jonas Kofi Lars Leon Linus Luca Malik Marco Mateo Milo Nico Noel Omar Oscar Otto"
    " Pavel Quentin Rafael Ravi Rowan Samir Silas Tariq Theo Tobias Victor Walter Yusuf"
)
FAMILY = _each(
    "Abbott Achebe Adler Albright Amado Ashby Bancroft Barlow Beck Birch Booker Brandt Calloway Castillo Chandra Colby"
    " Corbin Dalton Delgado Denholm Drake Eastman Elgar Farrow Fenwick Fiore Garland Gentry Gupta Halloway Hargrove"
    " Haddad Hobbs Ibarra Iverson Jansen Kapoor Keating Kimura Kowalski Lacey Lindqvist Lockhart Mahoney Marlow Mbeki"
    " Mercer Moreno Nakata Norwood Novak Oduya Okoye Orwell Pacheco Palmer Penrose Quigley Quiroga Rahman Ramsey"
    " Redfern Rivera Rosen Sadler Santos Sawyer Shah Sorensen Stroud Tanaka Thorne Tierney Underhill Varga"
    " Vance Wadlow Weller Whitlock Winslow Yates Zamora Zeller"
)

# Written as their owners write them, with the spelling that their e-mail address has.
CHINESE_FAMILY = {
    "陈": "chen", "林": "lin", "黄": "huang", "吴": "wu", "徐": "xu", "孙": "sun", "胡": "hu", "朱": "zhu", "高": "gao",
    "何": "he", "郭": "guo", "罗": "luo", "梁": "liang", "宋": "song", "郑": "zheng", "谢": "xie", "唐": "tang",
    "冯": "feng", "曹": "cao", "彭": "peng", "沈": "shen", "苏": "su",
}  # fmt: skip
CHINESE_WOMEN = {
    "雨桐": "yutong", "思琪": "siqi", "静怡": "jingyi", "晓燕": "xiaoyan", "佳慧": "jiahui", "梦洁": "mengjie",
    "欣然": "xinran", "若兰": "ruolan", "秀云": "xiuyun", "诗涵": "shihan", "美玲": "meiling", "芷晴": "zhiqing",
}  # fmt: skip
CHINESE_MEN = {
    "浩然": "haoran", "子轩": "zixuan", "志强": "zhiqiang", "建国": "jianguo", "宇航": "yuhang", "文博": "wenbo",
    "天佑": "tianyou", "俊杰": "junjie", "明哲": "mingzhe", "立新": "lixin", "嘉诚": "jiacheng", "海涛": "haitao",
}  # fmt: skip

STREETS = _each(
    "Alder Aspen Beech Birch Cedar Cherry Chestnut Elm Fern Hawthorn Heron Juniper Lark Laurel Linden Maple Meadow"
    " Mulberry Orchard Poplar Quarry Rowan Spruce Sycamore Thistle Walnut Willow Wren"
)
STREET_KINDS = ("St", "Ave", "Rd", "Ln", "Ct", "Way")


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the country: how many customers, how much they earn beside the mean, and where they live."""

    name: str
    share: float
    income: float
    timezone: str
    area_codes: tuple[str, ...]
    towns: tuple[str, ...]  # "Bend, OR 97"; the rest of the postal code is drawn


REGIONS = (
    Region("Northwest", 0.2, 1.05, "America/Los_Angeles",
           ("206", "253", "360", "425", "503", "509", "541", "971"),
           ("Bend, OR 977", "Eugene, OR 974", "Portland, OR 972", "Tacoma, WA 984", "Spokane, WA 992")),
    Region("California", 0.2, 1.15, "America/Los_Angeles",
           ("209", "415", "510", "530", "559", "619", "707", "805", "831", "916"),
           ("Chico, CA 959", "Davis, CA 956", "Fresno, CA 937", "Redding, CA 960", "Santa Cruz, CA 950")),
    Region("Rockies", 0.15, 1.0, "America/Denver",
           ("208", "303", "307", "385", "406", "719", "720", "801", "970"),
           ("Boulder, CO 803", "Durango, CO 813", "Missoula, MT 598", "Ogden, UT 844", "Boise, ID 837")),
    Region("Midwest", 0.17, 0.93, "America/Chicago",
           ("218", "262", "312", "414", "515", "608", "612", "616", "734", "920"),
           ("Madison, WI 537", "Duluth, MN 558", "Ames, IA 500", "Grand Rapids, MI 495", "Peoria, IL 616")),
    Region("Northeast", 0.16, 1.12, "America/New_York",
           ("203", "207", "413", "508", "518", "603", "617", "802", "860"),
           ("Burlington, VT 054", "Portland, ME 041", "Ithaca, NY 148", "Concord, NH 033", "Worcester, MA 016")),
    Region("South", 0.12, 0.9, "America/New_York",
           ("276", "336", "423", "434", "540", "706", "828", "864"),
           ("Asheville, NC 288", "Roanoke, VA 240", "Athens, GA 306", "Greenville, SC 296", "Knoxville, TN 379")),
)  # fmt: skip
