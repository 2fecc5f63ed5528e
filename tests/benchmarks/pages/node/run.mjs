// Runs Lighthouse for each line of standard input, a JSON document with url, headers and form (desktop or mobile), and
// prints one line of JSON for each: the scores of the categories from 0 to 100, and the audits that took points.
import readline from 'node:readline'
import { launch } from 'chrome-launcher'
import lighthouse, { desktopConfig } from 'lighthouse'

const chrome = await launch({ chromePath: process.env.CHROME_PATH, chromeFlags: process.argv.slice(2) })
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo']

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { url, headers, form, skip } = JSON.parse(line)
  const flags = { port: chrome.port, extraHeaders: headers, onlyCategories: CATEGORIES, skipAudits: skip, logLevel: 'silent' }
  const result = await lighthouse(url, flags, form === 'desktop' ? desktopConfig : undefined)
  const { categories, audits, runtimeError, finalDisplayedUrl } = result.lhr
  const scores = {}
  const lost = []
  for (const name of CATEGORIES) {
    const category = categories[name]
    scores[name] = category.score === null ? null : Math.round(100 * category.score)
    for (const { id, weight } of category.auditRefs) {
      const { score, displayValue } = audits[id]
      if (weight > 0 && score !== null && score < 0.9) lost.push(`${id} ${displayValue ?? ''}`.trim())
    }
  }
  console.log(JSON.stringify({ scores, lost, error: runtimeError?.code ?? '', landed: finalDisplayedUrl }))
}
await chrome.kill()
