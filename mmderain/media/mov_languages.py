"""Languages of streams as MOV names them: QuickTime's, of which there are few.

FFmpeg drops a code that is not literally in its table, though ISO 639-2 has
two codes for some languages, and the table has but one of them.
"""

_KNOWN = frozenset({
    'eng', 'fra', 'ger', 'ita', 'dut', 'sve', 'spa', 'dan', 'por', 'nor',
    'heb', 'jpn', 'ara', 'fin', 'gre', 'ice', 'mlt', 'tur', 'chi', 'urd',
    'hin', 'tha', 'kor', 'lit', 'pol', 'hun', 'est', 'lav', 'per', 'rus',
    'alb', 'ron', 'ces', 'slk', 'slv', 'yid', 'mac', 'bul', 'ukr', 'bel',
    'uzb', 'kaz', 'aze', 'arm', 'geo', 'mol', 'kir', 'tgk', 'tuk', 'mon',
    'pus', 'kur', 'kas', 'snd', 'tib', 'nep', 'san', 'mar', 'ben', 'asm',
    'guj', 'ori', 'mal', 'kan', 'tam', 'tel', 'bur', 'khm', 'lao', 'vie',
    'ind', 'tgl', 'may', 'amh', 'tir', 'orm', 'som', 'swa', 'run', 'mlg',
    'epo', 'wel', 'baq', 'cat', 'lat', 'que', 'grn', 'aym', 'tat', 'uig',
    'dzo', 'jav'})
_OTHER_CODES = {
    'fre': 'fra', 'deu': 'ger', 'nld': 'dut', 'swe': 'sve', 'ell': 'gre',
    'isl': 'ice', 'zho': 'chi', 'fas': 'per', 'sqi': 'alb', 'rum': 'ron',
    'cze': 'ces', 'slo': 'slk', 'mkd': 'mac', 'hye': 'arm', 'kat': 'geo',
    'bod': 'tib', 'mya': 'bur', 'msa': 'may', 'cym': 'wel', 'eus': 'baq',
    'hrv': 'hr ', 'srp': 'sr ', 'fao': 'fo ', 'pan': 'pa '}


def mov_language(code: str) -> str | None:
    """The code to give FFmpeg for MOV; None where MOV has none.

    Args:
        code: Three letters of ISO 639-2.
    """
    code = _OTHER_CODES.get(code, code)
    return (code if code in _KNOWN or code in _OTHER_CODES.values()
            else None)
