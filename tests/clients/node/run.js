// Drives intuit-oauth and node-quickbooks, unchanged but for addresses, and prints what came out as JSON.
// The input is a JSON document: base, realm, redirect, clientId, clientSecret, bodies (create
// requests in order) and operations (letters that each object has at QuickBooks).
'use strict'

const fs = require('node:fs')
const { Readable } = require('node:stream')
const OAuthClient = require('intuit-oauth')
const QuickBooks = require('node-quickbooks')

const input = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const done = { oauth: {}, objects: {}, reports: {} }

const PLURALS = { Class: 'Classes', JournalEntry: 'JournalEntries', TimeActivity: 'TimeActivities', TaxAgency: 'TaxAgencies' }

function call (books, method, ...given) {
  return new Promise((resolve, reject) => {
    books[method](...given, (error, answer) => error ? reject(new Error(`${method}: ${describe(error)}`)) : resolve(answer))
  })
}

function describe (error) {
  const body = error.response ? error.response.data : error
  return body instanceof Error ? body.message : JSON.stringify(body)
}

function filled (body, ids) {
  if (Array.isArray(body)) return body.map(one => filled(one, ids))
  if (body && typeof body === 'object') return Object.fromEntries(Object.entries(body).map(([key, one]) => [key, filled(one, ids)]))
  return typeof body === 'string' && body.startsWith('$') ? ids[body.slice(1)] : body
}

async function consent (address) {
  const query = new URL(address).search
  const page = `${input.base}/connect/oauth2`
  const form = fields => ({ method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  const signedIn = await fetch(`${page}/sign-in${query}`, form({ email: 'a@b.example', password: 'x' }))
  const headers = { cookie: signedIn.headers.get('set-cookie').split(';')[0] }
  const answer = await fetch(`${page}/decide${query}`, { ...form({ decision: 'connect', realm: input.realm }), headers })
  return answer.headers.get('location')
}

async function connect () {
  const client = new OAuthClient({
    clientId: input.clientId,
    clientSecret: input.clientSecret,
    environment: 'sandbox',
    redirectUri: input.redirect
  })
  client.setAuthorizeURLs({
    authorizeEndpoint: `${input.base}/connect/oauth2`,
    tokenEndpoint: `${input.base}/oauth2/v1/tokens/bearer`,
    revokeEndpoint: `${input.base}/v2/oauth2/tokens/revoke`,
    userInfoEndpoint: `${input.base}/v1/openid_connect/userinfo`
  })
  OAuthClient.jwks_uri = `${input.base}/op/v1/jwks`
  const scope = [OAuthClient.scopes.Accounting, OAuthClient.scopes.OpenId, OAuthClient.scopes.Email]
  const location = await consent(client.authorizeUri({ scope, state: 'abc' }))
  await client.createToken(location)
  done.oauth.idToken = await client.validateIdToken()
  done.oauth.email = (await client.getUserInfo()).json.email
  const first = client.getToken().access_token
  await client.refresh()
  done.oauth.refreshed = client.getToken().access_token !== first && client.isAccessTokenValid()
  const info = await client.makeApiCall({ url: `${input.base}/v3/company/${input.realm}/companyinfo/${input.realm}` })
  done.oauth.company = info.json.CompanyInfo.CompanyName
  return client
}

async function workWith (books, name, ids) {
  const key = name === 'CreditCardPayment' ? 'CreditCardPaymentTxn' : name
  const steps = done.objects[name] = []
  const can = method => typeof books[method] === 'function'
  if (!can(`create${name}`)) return
  const made = await call(books, `create${name}`, filled(input.bodies[name], ids))
  ids[name] = made.Id
  steps.push('create')
  let current = made
  if (can(`get${name}`)) {
    current = await call(books, `get${name}`, made.Id)
    if (current.SyncToken === made.SyncToken) steps.push('read')
  }
  if (can(`update${name}`) && input.operations[name].includes('U')) {
    const answer = await call(books, `update${name}`, { ...current })
    if (answer.Id === made.Id) steps.push('update')
    current = answer
  }
  const plural = PLURALS[name] || `${name}s`
  if (can(`find${plural}`)) {
    const found = await call(books, `find${plural}`, [{ field: 'Id', value: made.Id, operator: '=' }])
    if (found.QueryResponse[key].length === 1) steps.push('query')
  }
}

async function remove (books, name, ids) {
  const steps = done.objects[name]
  if (typeof books[`void${name}`] === 'function' && input.operations[name].includes('V')) {
    const made = await call(books, `create${name}`, filled(input.bodies[name], ids))
    await call(books, `void${name}`, { Id: made.Id, SyncToken: made.SyncToken })
    if (Number((await call(books, `get${name}`, made.Id)).TotalAmt) === 0) steps.push('void')
  }
  if (typeof books[`delete${name}`] === 'function' && ids[name] && input.operations[name].includes('D')) {
    const gone = await call(books, `delete${name}`, ids[name])
    if (gone[name].status === 'Deleted') steps.push('delete')
  }
}

async function main () {
  const client = await connect()
  QuickBooks.V3_ENDPOINT_BASE_URL = `${input.base}/v3/company/`
  const token = client.getToken()
  const books = new QuickBooks(
    input.clientId, input.clientSecret, token.access_token, false, input.realm, true, false, 75, '2.0', token.refresh_token
  )
  const since = new Date(Date.now() - 60000)
  const ids = {}
  for (const name of Object.keys(input.bodies)) await workWith(books, name, ids)

  const invoice = await call(books, 'getInvoice', ids.Invoice)
  const file = Readable.from([Buffer.from('%PDF-1.4 proof of delivery')])
  const attached = await call(books, 'upload', 'proof.pdf', 'application/pdf', file, 'Invoice', ids.Invoice)
  done.attached = attached.AttachableRef[0].EntityRef.value === ids.Invoice
  done.pdf = {}
  for (const name of ['Invoice', 'Estimate', 'CreditMemo', 'SalesReceipt']) {
    done.pdf[name] = Buffer.from(await call(books, `get${name}Pdf`, ids[name])).subarray(0, 5).toString()
    const sent = await call(books, `send${name}Pdf`, ids[name], 'ap@buyer.example')
    done.pdf[name] += ` ${(sent[name] || sent).EmailStatus}`
  }
  done.sentOrder = (await call(books, 'sendPurchaseOrder', ids.PurchaseOrder, 'ap@vendor.example'))
  done.sentOrder = (done.sentOrder.PurchaseOrder || done.sentOrder).EmailStatus

  const batch = await call(books, 'batch', [
    { bId: 'good', operation: 'create', Customer: { DisplayName: 'Made by node in a batch' } },
    { bId: 'bad', operation: 'create', Customer: { DisplayName: 'Made by node in a batch' } },
    { bId: 'query', Query: 'select * from Term' }
  ])
  done.batch = batch.BatchItemResponse.map(one => one.Fault ? one.Fault.Error[0].code : Object.keys(one)[0])
  const changes = await call(books, 'changeDataCapture', ['Invoice', 'Customer', 'Bill'], since)
  done.changes = changes.CDCResponse[0].QueryResponse.map(one => Object.keys(one)[0])
  const preferences = await call(books, 'getPreferences')
  const changed = await call(books, 'updatePreferences', { Id: '1', SyncToken: preferences.SyncToken, SalesFormsPrefs: { AllowDeposit: false } })
  done.preferences = changed.SalesFormsPrefs.AllowDeposit
  const company = await call(books, 'getCompanyInfo', input.realm)
  done.company = (await call(books, 'updateCompanyInfo', { ...company, LegalName: 'Node, LLC' })).LegalName
  const rate = await call(books, 'getExchangeRate', { sourcecurrencycode: 'EUR', asofdate: '2026-01-31' })
  done.rate = rate.ExchangeRate.SourceCurrencyCode
  done.counted = (await call(books, 'findInvoices', [{ field: 'Balance', value: '0', operator: '>' }, { count: true }])).QueryResponse.totalCount > 0

  for (const method of Object.keys(QuickBooks.prototype).filter(one => /^report[A-Z]/.test(one)).sort()) {
    try {
      const report = await call(books, method, { start_date: '2026-01-01', end_date: '2026-12-31' })
      done.reports[method] = report.Columns.Column.length > 0
    } catch (error) {
      done.reports[method] = /"code":"(\d+)"/.exec(error.message)[1]
    }
  }
  for (const name of Object.keys(input.bodies).reverse()) await remove(books, name, ids)
  await client.revoke()
  done.revoked = await call(books, 'getInvoice', invoice.Id).then(() => false, () => true)
}

main().then(() => process.stdout.write(JSON.stringify(done)), error => {
  process.stderr.write(`${error.stack || error}\n`)
  process.exit(1)
})
