import type { SignInSuggestion } from './persons.ts';

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/gu, (char) => `&#${String(char.codePointAt(0))};`);

/** The sandbox's sign-in form. It asks who one is and believes it: nobody here is a real person. */
export function signInPage(
  action: string,
  suggestions: readonly Pick<SignInSuggestion, 'id' | 'name' | 'story'>[],
  { persons, refused }: { persons: boolean; refused: boolean },
): string {
  const buttons = suggestions.map(
    ({ id, name, story }) =>
      `<li><button name="person" value="${escaped(id)}"><b>${escaped(name)}</b> ${escaped(id)}` +
      `<br><small>${escaped(story)}</small></button></li>`,
  );
  const notice = refused
    ? '<p role="alert">没有此人。 There is no such person, or they do not represent that enterprise.</p>'
    : '';
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>沙箱登录 · Sandbox sign-in</title>
<style>
body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:1rem auto;padding:0 1rem;color:#1a1a1a}
ul{list-style:none;padding:0;display:grid;gap:.5rem}
button,input{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;border:1px solid #767676}
button{text-align:left;background:#fff;cursor:pointer}
button,input{border-radius:.5rem}
label{display:block;margin:.75rem 0}
</style></head><body><main>
<h1>沙箱登录 <span lang="en">Sandbox sign-in</span></h1>
<p>这里没有真人。 <span lang="en">Nobody here is a real person: choose who you are.</span></p>${notice}
<form method="post" action="${escaped(action)}"><ul>${buttons.join('')}</ul></form>
${persons ? numberForm(action) : ''}</main></body></html>`;
}

/** For everybody who is not offered by name. */
const numberForm = (action: string): string => `<form method="post" action="${escaped(action)}">
<label>身份证号 <span lang="en">ID number (region 990000)</span>
<input name="number" required maxlength="32" autocomplete="off" inputmode="text"></label>
<label>代表的企业 <span lang="en">Enterprise that you represent (optional)</span>
<input name="enterprise" maxlength="32" autocomplete="off"></label>
<button>登录 <span lang="en">Sign in</span></button>
</form>`;
