import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Preferences } from '../../preferences/preferences.ts'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Debian's Chromium. FLOTILLA_CHROMIUM names another one. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['FLOTILLA_CHROMIUM'] ?? '/usr/bin/chromium', args: flags })

export interface View {
  readonly context: BrowserContext
  readonly page: Page
  /** Requests that went to another origin, and errors that the page reported. Both have to stay empty. */
  readonly strayRequests: readonly string[]
  readonly errors: readonly string[]
}

const preferences: Preferences = { theme: 'light', language: 'en', zone: 'utc' }

/** A page of its own: own cookies, own storage, 1440 x 900. */
export async function openView(browser: Browser, url: string, chosen: Partial<Preferences> = {}): Promise<View> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    baseURL: url,
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  })
  await context.addInitScript(
    (value) => localStorage.getItem('flotilla.preferences') ?? localStorage.setItem('flotilla.preferences', value),
    JSON.stringify({ ...preferences, ...chosen }),
  )
  const page = await context.newPage()
  const strayRequests: string[] = []
  const errors: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).protocol.startsWith('http') && !request.url().startsWith(url))
      strayRequests.push(request.url())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  return { context, page, strayRequests, errors }
}

/** Opens an address; clusters that start on this machine change its network, and Chromium then gives a load up. */
export async function visit(page: Page, path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await page.goto(path)
      return
    } catch (error) {
      if (attempt === 5 || !String(error).includes('ERR_NETWORK_CHANGED')) throw error
    }
  }
}
