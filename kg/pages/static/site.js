// What every page does beyond reading: the switch of colours, and details that hold what the address names.

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const button = document.querySelector("button.theme");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
}

function label() {
  button.textContent = isDark() ? "Light colours" : "Dark colours";
}

if (button) {
  button.hidden = false;
  label();
  dark.addEventListener("change", label);
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("kg-theme", root.dataset.theme);
    } catch {
      // storage is forbidden: it holds for this page
    }
    label();
    document.dispatchEvent(new CustomEvent("kg-theme"));
  });
}

/** Open the details around what the address names, and its own, so that it is seen. */
function openTarget() {
  const target = document.querySelector(":target");
  for (let place = target; place; place = place.parentElement) {
    if (place instanceof HTMLDetailsElement) place.open = true;
  }
  if (!target) return;
  for (const own of target.querySelectorAll(":scope > details")) own.open = true;
  target.scrollIntoView({ block: "center" });
}

addEventListener("hashchange", openTarget);
openTarget();
