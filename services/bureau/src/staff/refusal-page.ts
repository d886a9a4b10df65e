/** What somebody sees who has signed in and has no role here. Nothing was opened; no script runs in it. */
export const refusalPage = `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>无权进入 · No access</title>
<style>
body{font:1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
a{color:#1c3faa}
</style></head><body><main>
<h1>您在本机构没有岗位角色 <span lang="en">You have no role at this bureau</span></h1>
<p>身份已核实，但未打开任何内容。请联系本机构的用户管理员。</p>
<p lang="en">You are who you say, and nothing was opened. Ask the user administrator of this bureau.</p>
<p><a href="/console/">返回 <span lang="en">Back</span></a></p>
</main></body></html>
`;

export const refusalPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
