"""Links of a page: to other notebooks they lead to their pages, to files that are not here nowhere."""

import re

_LINK = re.compile(r'<a\b[^>]*\bhref="(?P<address>[^"]*)"[^>]*>(?P<text>.*?)</a>', re.DOTALL)
_LEAVES = re.compile(r"[a-z]+:|#|//", re.IGNORECASE)  # web addresses, places on the same page


def rewrite_links(html, pages):
    """Point links between notebooks to pages; unlink files of the repository and name them instead.

    Parameters
    ----------
    html : str
    pages : collection of str
        Names of the notebooks that have a page, such as ``00_start_here``.

    Returns
    -------
    str
    """

    def replace(match):
        address, place = re.match(r"([^#]*)(.*)", match["address"]).groups()
        name = address.rsplit("/", 1)[-1].removesuffix(".ipynb")
        if _LEAVES.match(match["address"]):
            return match[0]
        if address.endswith(".ipynb") and name in pages:
            return f'<a href="{name}.html{place}">{match["text"]}</a>'
        return f"{match['text']} (<code>{address.replace('../', '')}</code> in the repository)"

    return _LINK.sub(replace, html)


def outside_resources(html):
    """Return the addresses that a browser would load from elsewhere when it opens this page.

    Ordinary links do not count: they are followed by hand alone.

    Parameters
    ----------
    html : str

    Returns
    -------
    list of str
    """
    tags = re.findall(r"<(?:script|link|img|iframe|source|video|audio|object)\b[^>]*>", html)
    addresses = [a for tag in tags for a in re.findall(r"""\b(?:src|href|data)=["']([^"']*)""", tag)]
    styles = "".join(re.findall(r"<style\b[^>]*>(.*?)</style>", html, re.DOTALL))
    addresses += re.findall(r"""url\(["']?([^"')]+)""", styles)
    addresses += re.findall(r"""@import ["']([^"']+)""", styles)
    modules = "".join(re.findall(r"""<script\b[^>]*type=["']module[^>]*>(.*?)</script>""", html, re.DOTALL))
    addresses += re.findall(r"""import[^"';]*["']([^"']+)["']""", modules)
    return [address for address in addresses if re.match(r"(https?:)?//", address)]
