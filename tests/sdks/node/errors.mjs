// What goes wrong: a busy vendor, which the SDK tries again, faults of our own, and a vendor that says nothing.
import OpenAI from "openai";

const client = new OpenAI();
for (const fault of ["rate-limited-once", "overloaded-once", "no-such-model", "bad-request", "silent"]) {
  const options = fault === "silent" ? { timeout: 1100, maxRetries: 0 } : {};
  const messages = [{ role: "user", content: `Node (fault ${fault})` }];
  try {
    const completion = await client.chat.completions.create({ model: "gpt-6-luna", messages }, options);
    console.log(fault, completion.choices[0].message.content);
  } catch (error) {
    console.log(fault, error.constructor.name, error.status);
  }
}

try {
  await new OpenAI({ apiKey: "wrong" }).models.list();
} catch (error) {
  console.log("wrong key", error.constructor.name, error.status);
}
