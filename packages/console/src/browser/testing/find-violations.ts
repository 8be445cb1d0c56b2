import axe from 'axe-core'
import type { Page } from 'playwright-core'

interface Violation {
  readonly id: string
  readonly impact: string | null | undefined
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string | undefined }[]
}

/** Serious and critical violations of accessibility rules on the page as it is, each with where it is. */
export async function findViolations(page: Page): Promise<string[]> {
  // evaluated by the debugger, so that the page's own content policy stays as it is; once for each load
  if (await page.evaluate(`typeof axe === 'undefined'`)) await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => {
    const { axe: inPage } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: Violation[] }> }
    }
    // what passes is not described: that takes longer than to find what does not
    return (await inPage.run({ resultTypes: ['violations'] })).violations
  })
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`))
}
