// What a person cannot use on a page: controls that another one covers or that leave the window, and text cut off.
() => {
  const found = []
  const width = document.documentElement.clientWidth
  const controls = 'main a, main button, main input, main select, main textarea, main summary'
  const texts = 'main h1, main h2, main h3, main p, main dt, main dd, main td, main button, main a.button'
  const hidden = '.visually-hidden, .skip-link, dialog:not([open])'

  function name (node) {
    const said = node.innerText || node.getAttribute('aria-label') || node.name || node.className || ''
    return `${node.tagName.toLowerCase()} "${String(said).trim().slice(0, 40)}"`
  }

  // Only for screen readers: cut down to a dot, as the heads of tables on a phone.
  function isClipped (node) {
    for (let at = node; at; at = at.parentElement) if (getComputedStyle(at).clipPath !== 'none') return true
    return false
  }

  function shown (node) {
    if (isClipped(node)) return false
    return node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !node.closest(hidden)
  }

  if (document.documentElement.scrollWidth > width) found.push('the page scrolls sideways')

  for (const node of document.querySelectorAll(controls)) {
    if (!shown(node) || node.type === 'hidden') continue
    node.scrollIntoView({ block: 'center', inline: 'nearest' })
    const box = node.getClientRects()[0]
    if (!box || box.width < 2 || box.height < 2) continue
    if (!node.closest('.table-scroll') && (box.left < -1 || box.right > width + 1)) {
      found.push(`${name(node)} leaves the window`)
    }
    const middle = Math.min(Math.max(box.left + box.width / 2, 1), width - 1)
    const top = document.elementFromPoint(middle, box.top + box.height / 2)
    const isLabel = node.labels && [...node.labels].some(one => one.contains(top))
    if (top && !node.contains(top) && !top.contains(node) && !isLabel) {
      found.push(`${name(node)} is covered by ${name(top)}`)
    }
  }

  for (const node of document.querySelectorAll(texts)) {
    const style = getComputedStyle(node)
    if (!shown(node) || style.overflowX === 'visible' || style.textOverflow === 'ellipsis') continue
    if (node.clientWidth > 0 && node.scrollWidth > node.clientWidth + 1) found.push(`${name(node)} is cut off`)
  }
  return found
}
