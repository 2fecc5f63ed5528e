// One journey in Firefox over WebDriver BiDi: connect QuickBooks by its popup, ask for an advance, accept an offer, read
// the statement, sign out, and answer as a buyer. The input is a JSON document: executable, address, newcomer,
// established, password and mails (the folder of sent emails). Prints the steps that were seen, as JSON.
'use strict'

const fs = require('node:fs')
const path = require('node:path')
const puppeteer = require('puppeteer-core')

const input = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const LONG = 60000
const done = []
const complaints = []

// A control by the beginning of what is written on it: what only screen readers read may follow.
async function find (page, role, name) {
  const handle = await page.waitForFunction((tag, wanted) => {
    const controls = (document.querySelector('main') ?? document).querySelectorAll(tag)
    return [...controls].find(node => node.checkVisibility() && node.innerText.trim().startsWith(wanted))
  }, { timeout: LONG }, role === 'link' ? 'a' : 'button', name)
  return handle.asElement()
}

async function press (page, role, name) {
  await (await find(page, role, name)).click()
}

async function said (page, ...texts) {
  await page.waitForFunction(
    wanted => wanted.every(text => document.querySelector('main')?.innerText.includes(text)), { timeout: LONG }, texts)
}

// Press what leads to another page, and wait for that page.
async function follow (page, role, name) {
  await Promise.all([page.waitForNavigation({ timeout: LONG }), press(page, role, name)])
}

async function signIn (page, email) {
  await page.goto(`${input.address}/accounts/login/`)
  await page.locator('input[name=login]').fill(email)
  await page.locator('input[name=password]').fill(input.password)
  await Promise.all([page.waitForNavigation({ timeout: LONG }), page.locator('main form button[type=submit]').click()])
  await page.waitForFunction(() => location.pathname === '/', { timeout: LONG })
}

async function signOut (page) {
  await page.goto(`${input.address}/accounts/logout/`)
  await Promise.all([page.waitForNavigation({ timeout: LONG }), page.locator('main form button[type=submit]').click()])
  done.push('signed out')
}

async function disconnect (page) {
  await page.goto(`${input.address}/quickbook/`)
  await follow(page, 'link', 'Disconnect')
  await follow(page, 'button', 'Disconnect')
  await said(page, 'is disconnected. Its invoices stay in infactor.')
  done.push('disconnected')
}

async function connect (page) {
  const opening = new Promise(resolve => page.once('popup', resolve))
  await press(page, 'button', 'Reconnect')
  const popup = await opening
  await press(popup, 'button', 'Sign in')
  const closing = new Promise(resolve => popup.once('close', resolve))
  await press(popup, 'button', 'Connect')
  await closing
  await said(page, 'Connected')
  done.push('connected by popup')
}

async function ask (page) {
  await page.goto(`${input.address}/invoices/?financing=eligible`)
  await page.locator('main tbody input[type=checkbox]').click()
  await Promise.all([page.waitForNavigation({ timeout: LONG }), page.locator('main button[name=chosen]').click()])
  await page.locator('main form[method=post] button.button-primary').setTimeout(LONG).click()
  await page.waitForFunction(
    () => /We have received your request|Here is your offer/.test(document.querySelector('main')?.innerText), { timeout: LONG })
  done.push('asked for an advance')
}

async function accept (page) {
  await page.goto(`${input.address}/financing/`)
  await Promise.all([page.waitForNavigation({ timeout: LONG }), page.locator('main a[href*="/financing/offers/"]').click()])
  await page.locator('#answer button.button-primary').setTimeout(LONG).click()
  await said(page, 'Accepted offer')
  done.push('accepted an offer')
}

async function readStatement (page) {
  await page.goto(`${input.address}/statement/`)
  await said(page, 'Your buyer paid')
  done.push('read the statement')
}

async function askBuyer (page) {
  await page.goto(`${input.address}/invoices/?financing=needs_action`)
  const links = await page.$$eval('main tbody a[href*="/invoices/"]', found => found.map(link => link.href))
  for (const link of links) {
    await page.goto(link)
    if (!(await page.$eval('main', main => main.innerText)).includes('Ask buyer to confirm')) continue
    await follow(page, 'button', 'Ask buyer to confirm')
    await follow(page, 'button', 'Approve and send')
    await said(page, 'We have sent the email to')
    done.push('asked the buyer')
    return
  }
  throw new Error('no invoice waits for a question to its buyer')
}

// The worker writes each email into a file.
async function buyersLink (since) {
  const deadline = Date.now() + LONG
  while (Date.now() < deadline) {
    const files = fs.readdirSync(input.mails).map(name => path.join(input.mails, name))
    for (const file of files.filter(file => fs.statSync(file).mtimeMs >= since)) {
      const found = fs.readFileSync(file, 'utf8').replace(/=\r?\n/g, '').match(/\/buyer\/[A-Za-z0-9_-]{64}\//)
      if (found) return found[0]
    }
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  throw new Error('no mail to the buyer')
}

async function answer (page, link) {
  await page.goto(input.address + link)
  await page.locator('input[type=radio][value=all]').click()
  await page.locator('#id_name').fill('Ann Payable')
  await follow(page, 'button', 'Submit response')
  await said(page, 'Thank you for your response')
  done.push('answered as buyer')
}

async function main () {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: input.executable, headless: true })
  const page = await browser.newPage()
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('console', message => { if (message.type() === 'error') complaints.push(message.text()) })
  try {
    await page.setViewport({ width: 1280, height: 900 })
    await signIn(page, input.newcomer)
    await disconnect(page)
    await connect(page)
    await signOut(page)
    await signIn(page, input.established)
    await ask(page)
    await accept(page)
    await readStatement(page)
    const since = Date.now() - 1000
    await askBuyer(page)
    const link = await buyersLink(since)
    await signOut(page)
    await answer(page, link)
  } catch (error) {
    const seen = await page.evaluate(() => document.querySelector('main')?.innerText.slice(0, 600)).catch(() => '')
    console.error(`${error.stack}\nafter: ${done.join(', ')}\nat: ${page.url()}\n${seen}`)
    process.exitCode = 1
  } finally {
    await browser.close()
  }
  console.log(JSON.stringify({ done, complaints }))
}

main()
