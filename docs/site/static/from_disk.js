// Opened from a disk, a page may not read other pages: the search then shows titles without their surroundings.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
