// Opened from a disk, a page may not read other pages: the search then shows titles without their surroundings.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
// The arrows of the side bar have no text for a screen reader.
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".bd-links summary")
  .forEach(arrow => arrow.setAttribute("aria-label", "Pages below this one")));
// From the search one comes to the place of the words, also when it is folded. The theme loads the search on every
// page, and then Sphinx, which takes each page for that of the search, marks no words.
window.addEventListener("load", () => {
  if (location.pathname.endsWith("/search.html")) return;
  SphinxHighlight.highlightSearchWords();
  setTimeout(() => {
    const marked = location.hash ? [] : [...document.querySelectorAll(".bd-article .highlighted")];
    const found = marked.find(word => !/\w$/.test(word.previousSibling?.textContent ?? "")) ?? marked[0];  // not "surfaces"
    for (let fold = found?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    found?.scrollIntoView({ block: "center", behavior: "instant" });
  }, 100);
});
// The surroundings of a found word come from the text of a page, not from its menus.
document.addEventListener("DOMContentLoaded", () => {
  if (!location.pathname.endsWith("/search.html")) return;
  const textOf = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const article = new DOMParser().parseFromString(html, "text/html").querySelector(".bd-article");
    return textOf(`<div role="main">${article?.innerHTML ?? ""}</div>`, anchor);
  };
  const nothing = "Your search did not match any documents. Please make sure that all words are spelled correctly and that "
    + "you've selected enough categories.";
  Documentation.addTranslations({ messages: {
    [nothing]: "Nothing found. Try fewer words, in American spelling (gray, color), or see “Questions people bring”.",
  }, locale: "en", plural_expr: "n == 1 ? 0 : 1" });
});
// On a phone the list of sections lies above the page: a choice closes it.
document.addEventListener("click", event => event.target.closest("dialog[open] a[href*='#']")?.closest("dialog").close());
// A click shows a picture at its full size; Sphinx would save it.
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("a[download]:has(img)")
  .forEach(link => link.removeAttribute("download")));
// Paper cannot be unfolded.
addEventListener("beforeprint", () => document.querySelectorAll(".bd-article details").forEach(fold => fold.open = true));
