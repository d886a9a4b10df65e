import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** What of a page not everybody can use (WCAG 2.2 AA), and how much wider it is than a phone. */
export async function unfit(page: Page): Promise<string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const wide = Number(await page.evaluate('document.documentElement.scrollWidth')) - 360;
  const wider = wide > 0 ? [`${wide} px too wide`] : [];
  return [...wider, ...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html}`))];
}
