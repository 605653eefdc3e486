"use strict";

// Before anything is drawn: the colours that the reader chose before.
try {
  const chosen = localStorage.getItem("kg-theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
} catch {
  // storage is forbidden: the system's colours stay
}
