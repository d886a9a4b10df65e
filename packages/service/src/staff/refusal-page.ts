type Reason = 'no_role' | 'weak';

const words: Record<Reason, { zh: string; en: string; zhMore: string; enMore: string }> = {
  no_role: {
    zh: '您在本机构没有岗位角色',
    en: 'You have no role at this institution',
    zhMore: '未打开任何内容。请联系贵机构的用户管理员。',
    enMore: 'Nothing was opened. Ask the user administrator of your institution.',
  },
  weak: {
    zh: '需要第二种验证方式',
    en: 'A second factor is needed',
    zhMore: '未打开任何内容。请使用贵机构的多因素验证重新登录。',
    enMore: 'Nothing was opened. Sign in anew with the second factor of your institution.',
  },
};

/** What somebody sees who has signed in and is let do nothing. Nothing was opened; no script runs in it. */
export function refusalPage(reason: Reason): string {
  const { en, enMore, zh, zhMore } = words[reason];
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>无权进入 · No access</title>
<style>
body{font:1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
a{color:#1c3faa}
</style></head><body><main>
<h1>${zh} <span lang="en">${en}</span></h1>
<p>${zhMore}</p>
<p lang="en">${enMore}</p>
<p><a href="/console/">返回 <span lang="en">Back</span></a></p>
</main></body></html>
`;
}

export const refusalPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
