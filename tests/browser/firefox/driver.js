// Drives Debian's Firefox over WebDriver BiDi. Reads one JSON document a line, [what, ...arguments], and answers each
// with one line: {"value": …} or {"error": …}. The first line is the path of the program and the site's address.
'use strict'

const readline = require('node:readline')
const puppeteer = require('puppeteer-core')

const LONG = 60000
const pages = [] // the newest window is the last
const complaints = []
let browser, address

const page = () => pages[pages.length - 1]

function watch (opened) {
  opened.setDefaultTimeout(LONG)
  opened.on('pageerror', error => complaints.push(String(error)))
  opened.on('console', message => { if (message.type() === 'error') complaints.push(message.text()) })
  pages.push(opened)
}

// Run in the page: links and buttons of the main part, then those of the navigation, by the beginning of their names.
function control (name) {
  for (const part of document.querySelectorAll('main, nav, [role=navigation]')) {
    for (const node of part.querySelectorAll('button, a[href], summary, input[type=submit]')) {
      const said = node.getAttribute('aria-label') ?? (node.innerText.trim() || node.value || '')
      if (node.checkVisibility() && said.startsWith(name)) return node
    }
  }
}

// Run in the page: a visible field by its label, else by the beginning of it.
function labelled (name) {
  const fields = [...document.querySelectorAll('input, select, textarea')].filter(node => node.checkVisibility())
  const texts = node => [node.getAttribute('aria-label') ?? '', ...[...node.labels].map(label => label.innerText.trim())]
  return fields.find(node => texts(node).includes(name)) ??
    fields.find(node => texts(node).some(text => text.startsWith(name)))
}

async function find (looker, name) {
  const handle = await page().waitForFunction(looker, { timeout: LONG }, name)
  return handle.asElement()
}

// htmx may put a new control in the place of one that was just found: then the new one is pressed.
async function click (looker, name) {
  for (let attempt = 1; ; attempt++) {
    try {
      await (await find(looker, name)).click()
      return
    } catch (error) {
      if (attempt === 20 || !error.message.includes('detached')) throw error
    }
  }
}

const acts = {
  async start (executable, site) {
    address = site
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: executable, headless: true })
    watch(await browser.newPage())
    await page().setViewport({ width: 1280, height: 900 })
  },
  signIn: async (name, value) => {
    await browser.deleteCookie(...await browser.cookies())
    await browser.setCookie({ name, value, domain: new URL(address).hostname, path: '/' })
  },
  open: async path => { await page().goto(address + path) },
  press: name => click(control, name),
  // What is there already is replaced.
  fill: async (label, text) => {
    const field = await find(labelled, label)
    await field.evaluate(node => { node.value = '' })
    await field.type(text)
  },
  choose: async (label, option) => { await (await find(labelled, label)).select(option) },
  tick: async label => {
    const box = await find(labelled, label)
    if (!(await box.evaluate(node => node.checked))) await click(labelled, label)
  },
  reads: async (...texts) => {
    await page().waitForFunction(wanted => {
      const said = document.querySelector('main')?.innerText.replace(/\s+/g, ' ') ?? ''
      return wanted.every(text => said.includes(text))
    }, { timeout: LONG }, texts)
  },
  readsOneOf: async (...texts) => {
    const handle = await page().waitForFunction(wanted => {
      const said = document.querySelector('main')?.innerText.replace(/\s+/g, ' ') ?? ''
      return wanted.find(text => said.includes(text))
    }, { timeout: LONG }, texts)
    return handle.jsonValue()
  },
  window: async name => {
    const opening = new Promise(resolve => page().once('popup', resolve))
    await acts.press(name)
    watch(await opening)
  },
  pressLast: async name => {
    const button = await find(control, name)
    const closing = new Promise(resolve => page().once('close', resolve))
    await button.click()
    await closing
    pages.pop()
  },
  complaints: () => complaints,
  close: () => browser.close()
}

async function main () {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [what, ...given] = JSON.parse(line)
    let answer
    try {
      answer = { value: (await acts[what](...given)) ?? null }
    } catch (error) {
      const said = await page()?.evaluate(() => document.querySelector('main')?.innerText.slice(0, 900)).catch(() => '')
      answer = { error: `${error.message}\nat ${page()?.url()}\n${said}` }
    }
    process.stdout.write(JSON.stringify(answer) + '\n')
    if (what === 'close') return
  }
}

main()
