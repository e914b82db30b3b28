// Tool loops: the SDK's own runner over chat completions, plain and streamed, and one by hand over responses.
import OpenAI from "openai";

const client = new OpenAI();
const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const getWeather = ({ city }) => `${city}: sunny, ${20 + city.length} degrees`;
const tool = {
  type: "function",
  function: { name: "get_weather", description: "The weather.", parameters, parse: JSON.parse, function: getWeather },
};

for (const stream of [false, true]) {
  const runner = client.chat.completions.runTools({
    model: "gpt-6-luna",
    reasoning_effort: "none",
    stream,
    messages: [{ role: "user", content: "How is the weather in Paris and in Rome?" }],
    tools: [tool],
  });
  runner.on("functionToolCall", (call) => console.log("calls", call.name, JSON.parse(call.arguments)));
  runner.on("functionToolCallResult", (result) => console.log("result", result));
  console.log(await runner.finalContent());
}

const input = [{ role: "user", content: "The weather in Oslo?" }];
const tools = [{ type: "function", name: "get_weather", description: "The weather.", strict: true, parameters }];
for (;;) {
  const choice = input.length === 1 ? "required" : "auto";
  const response = await client.responses.create({
    model: "gpt-6-luna",
    input,
    tools,
    tool_choice: choice,
    store: false,
  });
  input.push(...response.output);
  const calls = response.output.filter((item) => item.type === "function_call");
  if (calls.length === 0) {
    console.log(response.output_text);
    break;
  }
  for (const call of calls) {
    const output = getWeather(JSON.parse(call.arguments));
    input.push({ type: "function_call_output", call_id: call.call_id, output });
  }
}
