// Starts the Node API server for ZetDard and ends with it.
//
// The first line on standard input is JSON: {package, host, port, upstream, interface, modulus, exponent}. When the
// server listens, one line of JSON, {port}, goes to standard output. When standard input closes, the parent has gone, and
// this ends too. No file of the package is changed, and nothing is asked of npm or of NetEase at the start.
'use strict'
const crypto = require('crypto')
const fs = require('fs')
const os = require('os')
const path = require('path')
const readline = require('readline')

// The server writes replies to its log, and replies to a login hold its cookie.
for (const level of ['log', 'info', 'debug', 'warn']) console[level] = () => {}

// One request that fails must not end the server.
process.on('unhandledRejection', () => {})

function fail(error) {
  process.stderr.write(`${error && error.message ? error.message : error}\n`)
  process.exit(1)
}

function redirect(packageFolder, web, client) {
  const { APP_CONF } = require(path.join(packageFolder, 'util', 'config.json'))
  APP_CONF.domain = web
  APP_CONF.apiDomain = client
}

function replaceKey(packageFolder, modulus, exponent) {
  const forge = require(require.resolve('node-forge', { paths: [packageFolder] }))
  const number = (hexadecimal) => new forge.jsbn.BigInteger(hexadecimal, 16)
  forge.pki.publicKeyFromPem = () => forge.pki.setRsaPublicKey(number(modulus), number(exponent))
}

async function start(settings) {
  // The package reads this file when it is loaded.
  fs.writeFileSync(path.join(os.tmpdir(), 'anonymous_token'), '', { flag: 'a', mode: 0o600 })
  if (settings.upstream) redirect(settings.package, settings.upstream, settings.interface)
  if (settings.modulus) replaceKey(settings.package, settings.modulus, settings.exponent)
  global.deviceId = crypto.randomBytes(26).toString('hex').toUpperCase()
  // Pages of other sites, open in the same machine's browser, may not read what this server answers.
  process.env.CORS_ALLOW_ORIGIN = `http://${settings.host}`
  const app = await require(path.join(settings.package, 'server')).serveNcmApi({
    host: settings.host,
    port: String(settings.port), // as text: a number 0, which asks for any free port, would be taken for none
    checkVersion: false,
  })
  const ready = () => process.stdout.write(`${JSON.stringify({ port: app.server.address().port })}\n`)
  app.server.on('error', fail)
  if (app.server.listening) ready()
  else app.server.on('listening', ready)
}

const input = readline.createInterface({ input: process.stdin })
input.once('line', (line) => start(JSON.parse(line)).catch(fail))
input.on('close', () => process.exit(0))
