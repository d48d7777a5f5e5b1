/** What the page of draws says, in English and Chinese. */

const say = (en, zh) => ({ en, zh });

export const WORDS = {
  seed: say("seed", "种子"),
  seed_same: say("The seed is the published one.", "种子与公布的一致。"),
  seed_differs: say("The seed is not the published one ({seed}). What was published does not hold together; ask for the chain's events.", "种子与公布的（{seed}）不一致。公布的内容不能相互印证，请核对链上事件。"),
  seed_alone: say("No seed was published to compare with.", "没有可供比对的公布种子。"),
  plan_same: say("The plan is the frozen one.", "抽样方案与冻结的一致。"),
  strict: say("A nonce is missing: the strict size counts.", "缺少随机数：按加严样本量抽取。"),
  stratum: say("stratum", "层"),
  drawn: say("drawn, in this order", "抽取结果（按次序）"),
  count: say("{count} of {population}", "{population} 中的 {count}"),
  everything: say("all", "全部"),
  nothing: say("none", "无"),
  read_case: say("Draw {draw} of version {version} was read.", "已读取版本 {version} 的第 {draw} 次抽样。"),
  read_plan: say("The plan was read: {strata} strata.", "已读取抽样方案：{strata} 层。"),

  not_case: say("The file is no case. Take the answer of GET /v1/cases/{case}.", "文件不是核查任务。请使用 GET /v1/cases/{case} 的应答。"),
  not_settled: say("The case has no draw that is settled. Wait until the nonces are revealed.", "该任务没有已确定的抽样。请等待随机数公开。"),
  other_parties: say("A revealed nonce is of none of the case's three parties. Fill the fields in by hand.", "公开的随机数不属于该任务的三方。请手工填写。"),
  not_plan: say("The file is no plan in its one form. Take the document that the verifier froze.", "文件不是规范形式的抽样方案。请使用核查机构冻结的文件。"),
  other_plan: say("The plan is not the frozen one: its hash is {hash}. Ask the verifier for the frozen document.", "方案不是冻结的那份：其哈希为 {hash}。请向核查机构索取冻结的文件。"),
  other_draw: say("The plan is for another inventory, version or draw. Ask for the right document.", "方案针对另一清单、版本或抽样。请索取正确的文件。"),
  not_hash: say("Hashes and nonces are 0x and 64 hexadecimal digits; leave a nonce empty that was not revealed.", "哈希与随机数为 0x 加64位十六进制；未公开的随机数请留空。"),
  not_hex: say("Hashes and nonces are 0x and 64 hexadecimal digits; leave a nonce empty that was not revealed.", "哈希与随机数为 0x 加64位十六进制；未公开的随机数请留空。"),
  not_number: say("A stratum has a name of a-z, 0-9, . : _ - and two whole numbers.", "层的名称由 a-z、0-9、. : _ - 组成，另有两个整数。"),
  draw_limit: say("Nothing is drawn from so many.", "总体数量超出范围。"),
  too_many_drawn: say("More than a million are drawn; use `carbonseal case sample show`.", "抽取数量超过一百万，请用 carbonseal case sample show。"),
  too_large: say("The file is too large for the browser; use `carbonseal case sample show`.", "文件过大，请用 carbonseal case sample show。"),
  not_json: say("The file is not JSON in UTF-8.", "文件不是 UTF-8 编码的 JSON。"),
  not_integer: say("A number of the file is no whole number that a browser can hold.", "文件中有数值不是浏览器可表示的整数。"),
  not_unicode: say("A text of the file is no Unicode.", "文件中有文本不是合法的 Unicode。"),
  too_deep: say("The file is nested too deeply.", "文件嵌套过深。"),
  malformed: say("A value of the file has not its one form.", "文件中有值不是其唯一形式。"),
};
