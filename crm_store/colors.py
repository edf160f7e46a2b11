"""Colour names in Chinese, for showing a variant to a customer who chats in Chinese."""

from __future__ import annotations

COLORS_ZH = {
    "beige": "米色",
    "black": "黑色",
    "blue": "蓝色",
    "brown": "棕色",
    "charcoal": "炭灰色",
    "clear": "透明",
    "cream": "奶油色",
    "gold": "金色",
    "gray": "灰色",
    "green": "绿色",
    "grey": "灰色",
    "khaki": "卡其色",
    "multi": "多色",
    "navy": "藏青色",
    "olive": "橄榄绿",
    "orange": "橙色",
    "pink": "粉色",
    "purple": "紫色",
    "red": "红色",
    "sand": "沙色",
    "silver": "银色",
    "tan": "棕褐色",
    "teal": "青色",
    "turquoise": "绿松石色",
    "white": "白色",
    "yellow": "黄色",
}


def color_zh(color: str) -> str | None:
    """The Chinese name of a colour or of several joined by "/"; None when one of them is not known."""
    parts = [COLORS_ZH.get(part.strip().casefold()) for part in color.split("/")]
    return "/".join(part for part in parts if part) if all(parts) else None


def color_values(color: str) -> list[str]:
    """What a colour may be asked for by: "Silver/Black" itself, "Silver" and "Black"."""
    parts = [part.strip() for part in color.split("/") if part.strip()]
    return [color, *parts] if len(parts) > 1 else [color]
