# SPDX-License-Identifier: GPL-2.0-only
# Writes the expected values that tests/unit/stats_*_test.cpp read. Needed only to regenerate them:
#   apt-get install --no-install-recommends r-base-core r-cran-survival
#   cd tests/data/stats && Rscript fixtures.R
# One file per function; columns are separated by tabs, NA stands for a value that does not exist.
library(survival)

write_table <- function(rows, file) {
  con <- file(file, "w")
  writeLines(sprintf("# R %s.%s, survival %s: see fixtures.R", R.version$major, R.version$minor,
                     packageVersion("survival")), con)
  writeLines(paste(names(rows), collapse = "\t"), con)
  for (i in seq_len(nrow(rows))) {
    fields <- sapply(rows, function(column) {
      value <- column[[i]]
      if (is.character(value)) value else if (is.na(value)) "NA" else trimws(formatC(value, digits = 15, format = "g"))
    })
    writeLines(paste(fields, collapse = "\t"), con)
  }
  close(con)
}

# Clopper-Pearson by binom.test, Wilson by prop.test without continuity correction.
grid <- do.call(rbind, c(
  lapply(c(1, 2, 3, 5, 10, 23), function(n) data.frame(hits = 0:n, runs = n)),
  lapply(c(20, 100, 130, 210, 280, 350, 1000, 1020, 1100, 10000, 100000), function(n) data.frame(
    hits = unique(round(n * c(0, 0.005, 0.05, 0.1, 0.3, 0.5, 0.85, 0.95, 0.995, 1))), runs = n)),
  list(data.frame(hits = c(1, 99999, 299, 340, 360, 550, 5000), runs = c(100000, 100000, 300, 400, 400, 1100, 10000)))))
grid <- unique(grid)
exact <- t(mapply(function(x, n) binom.test(x, n)$conf.int[1:2], grid$hits, grid$runs))
wilson <- t(mapply(function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int[1:2], grid$hits, grid$runs))
write_table(data.frame(grid, exact_low = exact[, 1], exact_high = exact[, 2],
                       score_low = wilson[, 1], score_high = wilson[, 2]), "rates.tsv")

# Confidence sequence: the rates that the beta-binomial mixture with Jeffreys' prior does not reject, where the
# mixture's likelihood is less than 20 times the rate's own. Rates are logits, so that limits near 0 and 1 have digits.
sequence_limits <- function(hits, runs) {
  log_mixture <- lbeta(0.5 + hits, 0.5 + runs - hits) - lbeta(0.5, 0.5)
  excess <- function(logit)
    log_mixture - hits * plogis(logit, log.p = TRUE) - (runs - hits) * plogis(-logit, log.p = TRUE) - log(20)
  estimate <- max(-50, min(50, qlogis(hits / runs)))
  limit <- function(from, to) plogis(uniroot(excess, c(from, to), tol = 1e-13, maxiter = 10000)$root)
  c(if (hits == 0) 0 else limit(-50, estimate), if (hits == runs) 1 else limit(estimate, 50))
}
sequence <- t(mapply(sequence_limits, grid$hits, grid$runs))
write_table(data.frame(grid, low = sequence[, 1], high = sequence[, 2]), "sequence.tsv")

# Newcombe's method 10 from prop.test's Wilson intervals.
pairs <- data.frame(hits1 = c(56, 9, 6, 5, 0, 0, 10, 10, 1, 500), runs1 = c(70, 10, 7, 56, 10, 10, 10, 10, 3, 1000),
                    hits2 = c(48, 3, 2, 0, 0, 0, 0, 0, 2, 450), runs2 = c(80, 10, 7, 29, 20, 10, 20, 10, 3, 1000))
newcombe <- t(mapply(function(x1, n1, x2, n2) {
  a <- suppressWarnings(prop.test(x1, n1, correct = FALSE))$conf.int
  b <- suppressWarnings(prop.test(x2, n2, correct = FALSE))$conf.int
  d <- x1 / n1 - x2 / n2
  c(d - sqrt((x1 / n1 - a[1])^2 + (b[2] - x2 / n2)^2), d + sqrt((a[2] - x1 / n1)^2 + (x2 / n2 - b[1])^2))
}, pairs$hits1, pairs$runs1, pairs$hits2, pairs$runs2))
write_table(data.frame(pairs, low = newcombe[, 1], high = newcombe[, 2]), "differences.tsv")

# Survival: samples are "seconds" or "seconds+" (censored), as R prints them.
set.seed(20261128)
weibull <- round(rweibull(40, 0.7, 30), 1)
samples <- list(
  one = "10", one_censored = "10+", two = c("10", "20"), two_tied = c("10", "10"), two_one_censored = c("10", "20+"),
  three = c("3", "1", "2"), three_one_censored = c("4", "10+", "10+"), three_tied = c("5", "5", "7"),
  all_censored = c("5+", "7+", "7+"), even = c("1", "2", "3", "4"), exactly_half = c("1", "2", "3+", "4+"),
  half_then_event = c("1", "2", "3+", "4"),
  tie_with_censored = c("5", "5+", "5", "8", "8+", "9"),
  last_censored = c("1", "2", "3", "4", "5", "6+"),
  freireich_6mp = c("6", "6", "6", "7", "10", "13", "16", "22", "23", "6+", "9+", "10+", "11+", "17+", "19+", "20+",
                    "25+", "32+", "32+", "34+", "35+"),
  freireich_placebo = c("1", "1", "2", "2", "3", "4", "4", "5", "5", "8", "8", "8", "8", "11", "11", "12", "12", "15",
                        "17", "22", "23"),
  ties = c("53.2", "53.2", "53.2", "53.3", "53.3", "53.3", "53.3", "60+", "60+", "60+"),
  weibull_40 = ifelse(weibull > 60, "60+", as.character(weibull)))
parse <- function(words) Surv(as.numeric(sub("+", "", words, fixed = TRUE)), !grepl("+", words, fixed = TRUE))
steps <- NULL
medians <- NULL
for (name in names(samples)) {
  fit <- survfit(parse(samples[[name]]) ~ 1, conf.type = "log-log")
  s <- summary(fit)
  medians <- rbind(medians, data.frame(sample = name, durations = paste(samples[[name]], collapse = " "),
    median = as.numeric(quantile(fit, 0.5)$quantile), low = as.numeric(quantile(fit, 0.5)$lower),
    high = as.numeric(quantile(fit, 0.5)$upper)))
  if (length(s$time) > 0)
    steps <- rbind(steps, data.frame(sample = name, seconds = s$time, alive = s$surv, low = s$lower, high = s$upper))
}
write_table(medians, "medians.tsv")
write_table(steps, "survival.tsv")

# Log-rank test: p, the observed and expected events of the first group, and the ratio of the hazards with its limits,
# the one-step estimate whose logarithm has the variance 1 / V.
compared <- list(c("freireich_6mp", "freireich_placebo"), c("ties", "weibull_40"), c("three", "two"), c("one", "two"),
                 c("tie_with_censored", "last_censored"), c("weibull_40", "weibull_40"), c("even", "two_tied"))
logrank <- NULL
for (two in compared) {
  words <- c(samples[[two[1]]], samples[[two[2]]])
  group <- rep(1:2, c(length(samples[[two[1]]]), length(samples[[two[2]]])))
  test <- survdiff(parse(words) ~ group)
  v <- test$var[1, 1]
  logrank <- rbind(logrank, data.frame(first = two[1], second = two[2], observed = test$obs[1], expected = test$exp[1],
    variance = v, p = if (v > 0) 1 - pchisq(test$chisq, 1) else NA,
    hazard_ratio = if (v > 0) exp((test$obs[1] - test$exp[1]) / v) else NA,
    ratio_low = if (v > 0) exp((test$obs[1] - test$exp[1]) / v - qnorm(0.975) / sqrt(v)) else NA,
    ratio_high = if (v > 0) exp((test$obs[1] - test$exp[1]) / v + qnorm(0.975) / sqrt(v)) else NA))
}
write_table(logrank, "logrank.tsv")

# Freeman-Halton test of homogeneity: "hits/runs" by group.
tables <- list(list(c(3, 1), c(4, 4)), list(c(0, 4), c(4, 4)), list(c(10, 0), c(10, 10)), list(c(0, 0), c(5, 5)),
               list(c(5, 5, 5), c(5, 5, 5)), list(c(6, 5, 0, 1, 6), c(6, 6, 6, 6, 6)), list(c(3, 2, 4, 3, 2), c(6, 6, 6, 6, 6)),
               list(c(10, 9, 10, 3, 10), c(10, 10, 10, 10, 10)), list(c(1, 2, 3, 4, 5, 6), c(6, 7, 8, 9, 10, 11)),
               list(c(4, 4, 6, 4, 2, 5, 6, 4), c(8, 8, 8, 8, 8, 8, 8, 8)), list(c(12, 30, 20), c(40, 40, 40)),
               # Too many tables for hangar::stats to enumerate: it draws.
               list(c(3, 5, 2, 4, 6, 3, 1, 4, 8, 3), rep(12, 10)), list(c(1, 5, 2, 4, 9, 3, 1, 4, 9, 3), rep(12, 10)))
fisher <- NULL
for (t in tables) {
  m <- rbind(t[[1]], t[[2]] - t[[1]])
  p <- if (sum(m[1, ]) == 0 || sum(m[2, ]) == 0) 1 else fisher.test(m, workspace = 2e8)$p.value
  fisher <- rbind(fisher, data.frame(groups = paste(t[[1]], t[[2]], sep = "/", collapse = " "), p = p))
}
write_table(fisher, "homogeneity.tsv")

# Interval with groups as units: Cochran's ratio estimator and Student's t, at least as wide as the exact interval.
clustered <- c(Filter(function(t) length(t[[1]]) > 1, tables), list(
  list(c(0, 100), c(100, 100)), list(c(1, 0, 0, 0, 0), c(20, 30, 10, 5, 40)), list(c(900, 50, 400), c(1000, 1000, 1000))))
cluster_limits <- function(hits, runs) {
  rate <- sum(hits) / sum(runs)
  error <- sqrt(length(hits) * var(hits - rate * runs)) / sum(runs)
  wide <- rate + qt(c(0.025, 0.975), length(hits) - 1) * error
  exact <- binom.test(sum(hits), sum(runs))$conf.int
  c(max(0, min(exact[1], wide[1])), min(1, max(exact[2], wide[2])))
}
limits <- sapply(clustered, function(t) cluster_limits(t[[1]], t[[2]]))
write_table(data.frame(groups = sapply(clustered, function(t) paste(t[[1]], t[[2]], sep = "/", collapse = " ")),
                       low = limits[1, ], high = limits[2, ]), "clusters.tsv")

# Holm's adjustment; a family on each line.
families <- list(0.04, c(0.01, 0.04), c(0.04, 0.01, 0.03, 0.005), c(0.5, 0.9, 0.9), c(0.02, 0.02, 0.02), c(1, 0, 1e-12, 0.7))
write_table(data.frame(p = sapply(families, paste, collapse = " "),
                       adjusted = sapply(families, function(p) paste(trimws(formatC(p.adjust(p, "holm"), digits = 15, format = "g")),
                                                                     collapse = " "))), "holm.tsv")

# Mann-Whitney test, and Newcombe's method 5 for P(second < first) + P(second = first) / 2.
groups <- list(list(c(1, 2, 3), c(4, 5, 6, 7)), list(c(4.5, 2, 9), c(1, 2, 2, 8)), list(c(1, 1, 1), c(1, 1)), list(1, 2),
               list(c(0.3, 0.4, 0.35, 0.9, 1.2, 0.3), c(0.3, 0.2, 0.25, 0.21, 0.33)), list(c(10, 20, Inf, Inf), c(5, 10, 15, Inf)),
               list(rep(c(1, 2, 3), 20), rep(c(2, 3, 4), 25)), list(seq(1, 99, 2), seq(2, 60, 2)))
newcombe5 <- function(theta, m, n) {
  v <- function(t) t * (1 - t) * (1 + ((m + n) / 2 - 1) * ((1 - t) / (2 - t) + t / (1 + t))) / (m * n)
  excess <- function(t) abs(t - theta) - qnorm(0.975) * sqrt(v(t))
  root <- function(a, b) uniroot(excess, c(a, b), tol = 1e-14)$root
  c(if (theta == 0) 0 else root(0, theta * (1 - 1e-12)), if (theta == 1) 1 else root(theta + 1e-12 * (1 - theta), 1))
}
ranks <- NULL
for (g in groups) {
  theta <- mean(outer(g[[1]], g[[2]], function(a, b) ifelse(a > b, 1, ifelse(a == b, 0.5, 0))))
  p <- suppressWarnings(wilcox.test(rank(c(g[[1]], g[[2]]))[seq_along(g[[1]])], rank(c(g[[1]], g[[2]]))[-seq_along(g[[1]])],
                                    exact = FALSE)$p.value)
  limits <- newcombe5(theta, length(g[[1]]), length(g[[2]]))
  ranks <- rbind(ranks, data.frame(first = paste(g[[1]], collapse = " "), second = paste(g[[2]], collapse = " "),
                                   less = theta, low = limits[1], high = limits[2], p = if (is.nan(p)) NA else p))
}
write_table(ranks, "ranks.tsv")

# Strata of "hits/runs hits/runs": Mantel-Haenszel test; the difference with its score interval, by maximising the
# likelihood numerically; the one-sided p of "higher by 0.1 or more".
strata <- list(list(c(9, 10, 3, 10)), list(c(0, 40, 0, 40)), list(c(5, 10, 5, 10)), list(c(0, 10, 10, 10)),
               list(c(1, 20, 3, 25), c(10, 12, 9, 11)), list(c(0, 4, 0, 4), c(0, 4, 1, 4), c(2, 4, 1, 4), c(0, 4, 0, 4), c(4, 4, 4, 4)),
               list(c(22, 40, 1, 40)), list(c(3, 100, 4, 90), c(50, 100, 60, 95), c(0, 10, 0, 12)),
               c(rep(list(c(0, 4, 0, 4)), 10)), list(c(40, 40, 40, 40)))
constrained <- function(s, d) {
  logl <- function(p) {
    q <- min(1, max(0, p + d))
    dbinom(s[1], s[2], p, log = TRUE) + dbinom(s[3], s[4], q, log = TRUE)
  }
  range <- c(max(0, -d), min(1, 1 - d))
  best <- optimize(logl, range, maximum = TRUE, tol = 1e-15)$maximum
  candidates <- c(range, best)
  p <- candidates[which.max(sapply(candidates, logl))]
  c(p, min(1, max(0, p + d)))
}
score_at <- function(t, d) {
  w <- sapply(t, function(s) s[2] * s[4] / (s[2] + s[4]))
  excess <- sum(w * sapply(t, function(s) s[3] / s[4] - s[1] / s[2] - d))
  v <- sum(w^2 * sapply(t, function(s) {
    p <- constrained(s, d)
    (p[1] * (1 - p[1]) / s[2] + p[2] * (1 - p[2]) / s[4]) * (s[2] + s[4]) / (s[2] + s[4] - 1)
  }))
  if (v > 0) excess / sqrt(v) else if (abs(excess) < 1e-15) 0 else sign(excess) * Inf
}
compared_rates <- NULL
for (t in strata) {
  w <- sapply(t, function(s) s[2] * s[4] / (s[2] + s[4]))
  d <- sum(w * sapply(t, function(s) s[3] / s[4] - s[1] / s[2])) / sum(w)
  root <- function(a, b, z) if ((score_at(t, a) - z) * (score_at(t, b) - z) >= 0) NA else uniroot(function(x) score_at(t, x) - z, c(a, b), tol = 1e-12)$root
  low <- root(-1 + 1e-9, d - 1e-9, qnorm(0.975))
  high <- root(d + 1e-9, 1 - 1e-9, -qnorm(0.975))
  cube <- array(unlist(lapply(t, function(s) c(s[1], s[3], s[2] - s[1], s[4] - s[3]))), c(2, 2, length(t)))
  varied <- any(sapply(t, function(s) s[1] + s[3] > 0 && s[1] + s[3] < s[2] + s[4]))
  p <- if (!varied) NA else if (length(t) > 1) mantelhaen.test(cube, correct = FALSE)$p.value else {
    s <- t[[1]]; n <- s[2] + s[4]; h <- s[1] + s[3]
    pchisq((s[1] - s[2] * h / n)^2 / (s[2] * s[4] * h * (n - h) / (n^2 * (n - 1))), 1, lower.tail = FALSE)
  }
  compared_rates <- rbind(compared_rates, data.frame(strata = paste(sapply(t, function(s) sprintf("%g/%g,%g/%g", s[1], s[2], s[3], s[4])), collapse = " "),
    p = p, difference = d, low = if (is.na(low)) -1 else low, high = if (is.na(high)) 1 else high, not_worse = pnorm(score_at(t, 0.1))))
}
write_table(compared_rates, "strata.tsv")

# Log-rank test in two strata.
stratified <- NULL
for (two in list(list(c("freireich_6mp", "freireich_placebo"), c("ties", "weibull_40")), list(c("three", "two"), c("even", "two_tied")),
                 list(c("weibull_40", "weibull_40"), c("freireich_6mp", "freireich_placebo")))) {
  words <- unlist(lapply(two, function(pair) c(samples[[pair[1]]], samples[[pair[2]]])))
  group <- unlist(lapply(two, function(pair) rep(1:2, c(length(samples[[pair[1]]]), length(samples[[pair[2]]])))))
  stratum <- rep(seq_along(two), sapply(two, function(pair) length(samples[[pair[1]]]) + length(samples[[pair[2]]])))
  test <- survdiff(parse(words) ~ group + strata(stratum))
  stratified <- rbind(stratified, data.frame(samples = paste(sapply(two, paste, collapse = ","), collapse = " "),
    observed = sum(test$obs[1, ]), expected = sum(test$exp[1, ]), variance = test$var[1, 1], p = 1 - pchisq(test$chisq, 1)))
}
write_table(stratified, "stratified.tsv")

# Power of Fisher's test by its definition.
power_of <- function(n, a, b) sum(outer(0:n, 0:n, Vectorize(function(x, y)
  if (fisher.test(matrix(c(x, n - x, y, n - y), 2))$p.value <= 0.05) dbinom(x, n, a) * dbinom(y, n, b) else 0)))
powers <- data.frame(runs = c(5, 10, 20, 20, 40), first = c(0.1, 0.2, 0.05, 0.5, 0.3), second = c(0.9, 0.7, 0.45, 0.5, 0.6))
write_table(data.frame(powers, power = mapply(power_of, powers$runs, powers$first, powers$second)), "power.tsv")

# Published survival data, as the package survival has them (its manual names these sources):
#   aml       leukemia, maintained chemotherapy or not: R. G. Miller, Survival Analysis, 1997
#   ovarian   two treatments, more than half censored: J. H. Edmunson et al., Cancer Treatment Reports 63, 1979
#   lung      men and women, many ties: C. L. Loprinzi et al., Journal of Clinical Oncology 12, 1994
#   veteran   two treatments, four cell types: J. D. Kalbfleisch, R. L. Prentice, The Statistical Analysis of Failure
#             Time Data, 1980
#   bladder   placebo or thiotepa, the first recurrence, many ties, nearly half censored: L. J. Wei, D. Y. Lin, L.
#             Weissfeld, JASA 84, 1989
first_recurrence <- subset(bladder, enum == 1)
sets <- list(aml = data.frame(time = aml$time, ended = aml$status == 1, group = as.integer(aml$x), stratum = "all"),
             ovarian = data.frame(time = ovarian$futime, ended = ovarian$fustat == 1, group = ovarian$rx, stratum = "all"),
             lung = data.frame(time = lung$time, ended = lung$status == 2, group = lung$sex, stratum = "all"),
             veteran = data.frame(time = veteran$time, ended = veteran$status == 1, group = veteran$trt, stratum = veteran$celltype),
             bladder = data.frame(time = first_recurrence$stop, ended = first_recurrence$event == 1,
                                  group = first_recurrence$rx, stratum = "all"))
published <- list(medians = NULL, logrank = NULL, stratified = NULL)
median_row <- function(name, part) {
  fit <- survfit(Surv(time, ended) ~ 1, data = part, conf.type = "log-log")
  middle <- quantile(fit, 0.5)
  data.frame(sample = name, durations = paste0(part$time, ifelse(part$ended, "", "+"), collapse = " "),
             median = as.numeric(middle$quantile), low = as.numeric(middle$lower), high = as.numeric(middle$upper))
}
for (name in names(sets)) {
  set <- sets[[name]]
  for (group in 1:2) published$medians <- rbind(published$medians, median_row(paste0(name, "_", group), set[set$group == group, ]))
  test <- survdiff(Surv(time, ended) ~ group, data = set)
  v <- test$var[1, 1]
  ratio <- (test$obs[1] - test$exp[1]) / v
  published$logrank <- rbind(published$logrank, data.frame(first = paste0(name, "_1"), second = paste0(name, "_2"),
    observed = test$obs[1], expected = test$exp[1], variance = v, p = 1 - pchisq(test$chisq, 1), hazard_ratio = exp(ratio),
    ratio_low = exp(ratio - qnorm(0.975) / sqrt(v)), ratio_high = exp(ratio + qnorm(0.975) / sqrt(v)), chi_squared = test$chisq))
  types <- unique(set$stratum)
  if (length(types) == 1) next
  for (type in types) for (group in 1:2)
    published$medians <- rbind(published$medians,
                               median_row(paste(name, type, group, sep = "_"), set[set$group == group & set$stratum == type, ]))
  test <- survdiff(Surv(time, ended) ~ group + strata(stratum), data = set)
  published$stratified <- rbind(published$stratified, data.frame(
    samples = paste(sprintf("%s_%s_1,%s_%s_2", name, types, name, types), collapse = " "), observed = sum(test$obs[1, ]),
    expected = sum(test$exp[1, ]), variance = test$var[1, 1], p = 1 - pchisq(test$chisq, 1), chi_squared = test$chisq))
}
for (table in names(published)) write_table(published[[table]], paste0("published_", table, ".tsv"))
