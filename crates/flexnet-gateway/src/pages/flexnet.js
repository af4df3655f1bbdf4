// All that the script of the pages does: it opens the application once, and looks whether the hand-off has gone on. Without it the page does the same by hand.
'use strict';

const main = document.querySelector('main[data-state]');
const open = document.querySelector('a[data-open]');

if (open !== null) {
  // Once for each sign-in: neither a reload nor the other language opens the application again.
  let opened = open.dataset.open;
  try {
    opened = sessionStorage.getItem('opened');
    sessionStorage.setItem('opened', open.dataset.open);
  } catch {
    // No storage, no memory: then it is the member who opens it.
  }
  if (opened !== open.dataset.open) open.click();
}

async function look() {
  try {
    const answer = await fetch('/verbinden/stand', { cache: 'no-store' });
    if (answer.ok && (await answer.text()) !== main.dataset.state) {
      location.replace('/verbinden');
      return;
    }
  } catch {
    // The line is away; the next look may find it.
  }
  setTimeout(look, 1000);
}

if (main !== null) setTimeout(look, 1000);
