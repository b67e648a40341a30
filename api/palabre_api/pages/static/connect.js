// Tells the page that opened this window how the connection ended, and closes the window.
// Nothing depends on it: the dashboard also asks the server.
const main = document.querySelector("main");
const { attempt, channel, origin, close } = main.dataset;

if (attempt) {
  const message = { type: "palabre.connect", attempt };
  if ("BroadcastChannel" in window) {
    const broadcast = new BroadcastChannel(channel);
    broadcast.postMessage(message);
    broadcast.close();
  }
  if (window.opener && origin) window.opener.postMessage(message, origin);
}

for (const button of document.querySelectorAll("[data-close-now]")) {
  button.hidden = !window.opener;
  button.addEventListener("click", () => window.close());
}

// Without an opener the person took the full page: the dashboard left word where they came from.
const from = sessionStorage.getItem("palabre.connect.back");
for (const link of document.querySelectorAll("[data-back]")) {
  link.hidden = Boolean(window.opener);
  if (from?.startsWith("/c/")) link.href = from;
}
for (const words of document.querySelectorAll("[data-stay]")) words.hidden = Boolean(from) && !window.opener;

if (close && window.opener) {
  document.querySelector("[data-closing]").hidden = false;
  document.querySelector("[data-stay]").hidden = true;
  setTimeout(() => {
    window.close();
    // A browser may refuse: then the words say what is left to do.
    document.querySelector("[data-closing]").hidden = true;
    document.querySelector("[data-stay]").hidden = false;
  }, Number(close));
}
