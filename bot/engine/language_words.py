"""The words by which a language is told: small, so that product names and addresses prove nothing."""

from __future__ import annotations

# Function words and the everyday verbs of a customer: each is a proof.
ENGLISH = """
    the and or but not to with without from for about into than then this that these those there here it its are
    were be been im ive id ill you your yours my mine our they them their she his her who whom which what whats
    when where wheres why how hows can could cant would will wont shall should may might must does did dont
    doesnt didnt have has had havent get got give go going gonna wanna want wanted need needs needed like
    looking look find show tell please pls plz thanks thank thx thankyou hello hey yes yeah yep nope sorry cheap
    cheaper cheapest expensive price cost much many more less another other same some any anything something
    nothing everything buy order ordered return refund delivery deliver ship shipping cancel track call help
    recommend suggest available stock size colour color bigger smaller better best between around too very just
    only still again back already tomorrow today yesterday monday tuesday wednesday thursday friday saturday
    sunday week next after before day days month because if let lets been off out up down
"""
# Words that other languages have too, or that people write within other languages: half a proof each.
ENGLISH_WEAK = """
    in on at do is was also so me us he an am we of over under red black white green yellow blue big small one
    two three hi ok bye bike helmet gloves shoes tent jacket bag no a
"""

# A strong word is proof of its language: pronouns, verbs, question words, politeness, things shops are asked. A weak
# one (articles, prepositions) also stands in names and streets, so it only adds to a strong one. Words that are
# English words or brand names too are in neither.
STRONG = {
    "es": """
        hola gracias quiero quisiera necesito busco tengo tienes tienen tiene puedo puede pueden podria
        podría donde dónde cuando cuándo cuanto cuánto cuesta cual cuál está estoy estan están pedido porque
        pero muy también buenos buenas dias días usted ustedes algo nada comprar enviar devolver zapatos
        bicicleta casco barato precio
        """,
    "fr": """
        bonjour bonsoir merci je j'ai j'aimerais cherche voudrais veux vous nous avez avons est-ce pouvez
        puis-je peux où quand combien coûte quel quelle c'est mon mes votre vos commande livraison acheter
        vélo casque prix s'il plaît aussi mais très pourquoi comment suis sont oui besoin d'un d'une qu'est
        """,
    "de": """
        ich du wir ihr sie mir mich dir uns euch hallo danke bitte suche brauche möchte moechte hätte habe
        haben habt kann können koennen könnte wo wann wie wieviel warum welche welcher welches kostet ist
        sind nicht kein keine mein meine meinen bestellung fahrrad kaufen günstig preis guten einen eine und
        oder aber auch für fuer gibt heute
        """,
    "it": """
        ciao buongiorno grazie vorrei voglio cerco posso puoi può avete dove dov'è quando quanto costa quale
        perché sono mio mia miei ordine comprare bicicletta casco prezzo anche molto c'è questo questa
        bisogno
        """,
    "pt": """
        olá ola obrigado obrigada quero queria preciso procuro tenho tem têm vocês você posso pode onde
        quando quanto custa qual porque meu minha pedido comprar bicicleta capacete preço também muito isso
        está estou uma não
        """,
    "nl": """
        hallo bedankt dank ik jij jullie zoek wil graag heb heeft hebben kan kunnen waar wanneer hoeveel
        waarom welke kost mijn bestelling fiets kopen goedkoop prijs niet geen een het ook maar zijn voor
        alsjeblieft alstublieft
        """,
    "pl": """
        cześć dzień dobry dziękuję dziekuje proszę prosze chcę chce chciałbym chciałabym szukam potrzebuję
        macie gdzie kiedy ile kosztuje jaki jaka jest są nie moje zamówienie kupić rower cena jak czy
        """,
    "tr": """
        merhaba teşekkürler teşekkür istiyorum arıyorum lazım var mı nerede ne zaman kaç fiyat fiyatı
        siparişim sipariş bisiklet kask almak için değil evet hayır lütfen nasıl çok bir bu benim
        """,
    "sv": """
        hej tack jag vill söker behöver har ni kan var när hur mycket kostar vilken varför är inte ingen
        mitt beställning cykel hjälm köpa pris också och det att snälla
        """,
    "vi": """
        chào xin cảm ơn tôi muốn mua cần tìm có không bao nhiêu giá đâu khi nào đơn hàng của đạp được rẻ hơn
        này cho
        """,
    "id": """
        halo terima kasih saya ingin beli mencari butuh apakah berapa harga kapan pesanan sepeda murah tidak
        untuk dengan ini itu bisa
        """,
}
WEAK = {
    "es": "mi mis hay favor el la los las un una unos unas de del en con sin para por y o es que se lo le más mas",
    "fr": "le la les un une des du de et ou est en dans avec sans pour sur au aux que qui ce cette plus pas",
    "de": "der die das ein dem den des im in mit ohne von zu zum zur auf bei nach aus es",
    "it": "che il lo la gli un una di del della e o è in con senza per da al su più non",
    "pt": "o os as um de do da dos das em no na com sem para por e ou é que mais",
    "nl": "de en of van in op met zonder te bij naar dit dat is",
    "pl": "mam i w z na do dla bez lub to się o",
    "tr": "mi ve veya ile da de daha",
    "sv": "min en ett i på med utan för till av som den",
    "vi": "một và ở với là xe màu",
    "id": "dan ada yang mana mau di ke dari atau se",
}
