#!/usr/bin/env Rscript
# read_r.R FILE.h5 [ACTIVATION SEED [FIGURE.pdf]]: three results of a results file with ncdf4 and base graphics.
#
# error     of the first done task with that activation and seed: |H - F| / |F| over steps and modes
# order     for every activation, modes in the order in which they are learnt (median step over its tasks)
# alpha_c   for `model: direct`: theta over the decay rate, and the zero and slope of a straight line through it
#
# R turns dimensions round: frequency_error[mode, record, task].
library(ncdf4)

done <- 1
threshold <- 0.5   # learnt below this error
amplitude <- 0.01  # not asked of modes with a smaller share of the target

arguments <- commandArgs(trailingOnly = TRUE)
activation <- if (length(arguments) > 1) arguments[2] else "tanh"
seed <- if (length(arguments) > 2) as.numeric(arguments[3]) else 0
file <- nc_open(arguments[1])
read <- function(name) ncvar_get(file, name, collapse_degen = FALSE)
number <- function(x) ifelse(is.na(x), "nan", ifelse(is.infinite(x), "inf", sprintf("%.8e", x)))

# First step with an error below the threshold, interpolated between records on a logarithmic scale.
crossing <- function(step, error) {
  below <- which(error < threshold)
  if (length(below) == 0) return(Inf)
  b <- below[1]
  if (b == 1) return(step[1])
  log_error <- log(error[c(b - 1, b)])
  step[b - 1] + (step[b] - step[b - 1]) * (log_error[1] - log(threshold)) / (log_error[1] - log_error[2])
}

if (length(arguments) > 3) pdf(arguments[4], width = 10, height = 5)
outcome <- read("outcome")
records <- read("records")

if ("frequency_error" %in% names(file$var)) {
  activations <- read("activation")
  mode <- read("mode")
  step <- read("step")
  error <- read("frequency_error")
  residual <- read("residual_relative")

  task <- which(outcome == done & activations == activation & read("seed") == seed)[1]
  valid <- seq_len(records[task])
  for (r in valid)
    cat(paste("error", format(step[r, task], scientific = FALSE), mode, number(error[, r, task]), "\n"), sep = "")
  if (length(arguments) > 3) {
    layout(matrix(1:3, 1), widths = c(5, 1.4, 5))
    levels <- seq(-3, 0, length.out = 60)
    shades <- hcl.colors(length(levels), "viridis")
    shown <- pmin(pmax(log10(error[, valid, task]), -3), 0)
    image(mode, log10(step[valid, task] + 1), shown, zlim = c(-3, 0), col = shades, yaxt = "n", xlab = "mode",
          ylab = "step", main = paste0(activation, ", seed ", seed))
    ticks <- c(0, 10^(0:12))
    axis(2, at = log10(ticks + 1), labels = format(ticks, scientific = FALSE, trim = TRUE, drop0trailing = TRUE))
    image(1, levels, t(levels), col = shades, xaxt = "n", xlab = "", ylab = "log10 of the frequency error")
  }

  learnt <- data.frame()
  for (name in unique(activations))
    for (k in seq_along(mode)) {
      tau <- numeric()
      for (i in which(outcome == done & activations == name)) {
        valid <- seq_len(records[i])
        largest <- which.max(error[k, valid, i])  # passes missing numbers over
        if (length(largest) && residual[k, largest, i] / error[k, largest, i] >= amplitude)
          tau <- c(tau, crossing(step[valid, i], error[k, valid, i]))
      }
      if (length(tau))
        learnt <- rbind(learnt, data.frame(activation = name, mode = mode[k], tau = median(tau), tasks = length(tau)))
    }
  learnt <- learnt[order(learnt$activation, learnt$tau, learnt$mode), ]
  cat(paste("order", learnt$activation, learnt$mode, number(learnt$tau), learnt$tasks, "\n"), sep = "")
  if (length(arguments) > 3) {
    kinds <- factor(learnt$activation)
    reached <- is.finite(learnt$tau)
    plot(learnt$mode[reached], pmax(learnt$tau[reached], 1), log = "y", pch = as.integer(kinds)[reached], xlab = "mode",
         ylab = "first step with an error below 0.5", main = "order of learning", col = as.integer(kinds)[reached] + 1)
    legend("bottomright", levels(kinds), pch = seq_along(levels(kinds)), col = seq_along(levels(kinds)) + 1)
  }
}

if ("energy_drop" %in% names(file$var)) {
  limit <- read("rung_band_limit")
  rungs <- max(records)
  alpha <- read("decay_rate")
  d <- read("energy_drop") / read("multiplier_product")  # [record, task]
  theta <- log(d[rungs - 1, ] / d[rungs - 2, ]) / log((limit[rungs - 1, ] + 0.5) / (limit[rungs - 2, ] + 0.5))
  mean_theta <- tapply(theta[outcome == done], alpha[outcome == done], mean)
  count <- tapply(theta[outcome == done], alpha[outcome == done], length)
  rate <- sort(unique(alpha[outcome == done]))
  cat(paste("theta", number(rate), number(mean_theta), count, "\n"), sep = "")
  line <- coef(lm(mean_theta ~ rate))
  cat("alpha_c", number(-line[1] / line[2]), number(line[2]), "\n")
  if (length(arguments) > 3) {
    plot(rate, mean_theta, xlab = "decay rate alpha", ylab = "theta",
         main = sprintf("theta crosses zero at %.4f", -line[1] / line[2]))
    abline(line)
    abline(h = 0, col = "gray")
  }
}
nc_close(file)
