import { type Category, categories } from '@causeway/sdk';

/**
 * The categories of a comma-separated list, undefined where none was given. Throws where a word is none.
 */
export function categoriesOf(text: string | undefined): Category[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((word) => {
    const category = categories.find((each) => each === word.trim());
    if (!category) throw new Error(`${word} is no category; one of ${categories.join(', ')}`);
    return category;
  });
}
