

2.0˜ìŠØ
HCR-2026-118*ÿ
˜šë×˜ú“Ù*	HCR-333**de:05916:5201:1:10
8B*
(
&https://www.hcr-herne.de/umleitung-333R7

Line 333: diversionen

Linie 333: UmleitungdeZd
b
\Wegen Deckensanierung in der Sodinger StraÃŸe entfÃ¤llt die Haltestelle ArchÃ¤ologie-Museum.depD
BOG-2026-77*5
”åŠØ*	BOG-U3508R

U35: VerspÃ¤tungendep