#include "server/ops/health.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a server whose parts are well is well") {
    health state{1'000};
    state.report("store", "");
    const auto answer = state.ask(63'500);
    CHECK(answer.well);
    CHECK(has(answer.json, R"("status":"ok")"));
    CHECK(has(answer.json, R"("uptime_s":62)"));
    CHECK(has(answer.json, R"("checks":{"store":"ok"})"));
    CHECK(answer.ready == R"({"ready":true,"checks":{"store":"ok"}})");
}

TEST_CASE("one unwell part makes it unwell, and says why, until it is mended") {
    health state{0};
    state.report("hubs", "");
    state.report("store", "disk \"full\"");
    const auto answer = state.ask(0);
    CHECK_FALSE(answer.well);
    CHECK(has(answer.json, R"("status":"unwell")"));
    CHECK(has(answer.ready, R"("ready":false)"));
    CHECK(has(answer.json, R"("checks":{"hubs":"ok","store":"disk \"full\""})"));
    state.report("store", "");
    CHECK(state.ask(0).well);
}
